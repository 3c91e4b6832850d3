using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>Walks the packets of a plain (decrypted) compound. It need not begin with a report (RFC 5506), and ends at the first packet that does not hold together.</summary>
public ref struct RtcpReader
{
    /// <summary>Most packets that are read of one compound; clients send two or three.</summary>
    public const int MaxPackets = 32;

    private const int HeaderLength = 4;
    private const int PaddingFlag = 0x20;

    private ReadOnlySpan<byte> _rest;
    private int _count;

    /// <summary>A reader for the whole datagram.</summary>
    public RtcpReader(ReadOnlySpan<byte> compound) => _rest = compound;

    /// <summary>The next packet.</summary>
    public bool TryRead(out RtcpPacket packet)
    {
        packet = default;
        if (_count++ >= MaxPackets || _rest.Length < HeaderLength || _rest[0] >> 6 != 2)
        {
            return false;
        }

        var length = HeaderLength + (4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]));
        if (length > _rest.Length)
        {
            return false;
        }

        var body = _rest[HeaderLength..length];
        if ((_rest[0] & PaddingFlag) != 0)
        {
            // The last byte counts the padding (RFC 3550 §6.4.1); only the last packet of a compound may have some.
            var padding = body.IsEmpty ? 0 : body[^1];
            if (padding == 0 || padding > body.Length || length != _rest.Length)
            {
                return false;
            }

            body = body[..^padding];
        }

        packet = new RtcpPacket((RtcpType)_rest[1], _rest[0] & 0x1F, body);
        _rest = _rest[length..];
        return true;
    }
}
