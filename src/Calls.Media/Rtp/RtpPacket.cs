using System.Buffers.Binary;

namespace Calls.Media.Rtp;

/// <summary>A view of an RTP packet (RFC 3550 §5.1): the fields of its header, checked against the packet's length, and where the payload lies.</summary>
public readonly ref struct RtpPacket
{
    /// <summary>Length of the header without CSRCs and extension, in bytes.</summary>
    public const int FixedHeaderLength = 12;

    private RtpPacket(ReadOnlySpan<byte> packet, int headerLength, int extensionOffset, int paddingLength)
    {
        Packet = packet;
        HeaderLength = headerLength;
        _extensionOffset = extensionOffset;
        PaddingLength = paddingLength;
    }

    private readonly int _extensionOffset;

    /// <summary>The whole packet.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    /// <summary>Length of the header with CSRCs and extension: where the payload begins.</summary>
    public int HeaderLength { get; }

    /// <summary>Bytes of padding at the end, the count byte included.</summary>
    public int PaddingLength { get; }

    /// <summary>The marker bit.</summary>
    public bool Marker => (Packet[1] & 0x80) != 0;

    /// <summary>The payload type, 0 to 127.</summary>
    public byte PayloadType => (byte)(Packet[1] & 0x7F);

    /// <summary>The sequence number.</summary>
    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(Packet[2..]);

    /// <summary>The timestamp, in units of the payload's clock.</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(Packet[4..]);

    /// <summary>The synchronisation source.</summary>
    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(Packet[8..]);

    /// <summary>The payload, without padding.</summary>
    public ReadOnlySpan<byte> Payload => Packet[HeaderLength..^PaddingLength];

    /// <summary>The header extension's elements (RFC 8285); empty where there is none or it is of another kind.</summary>
    public RtpExtensions Extensions =>
        _extensionOffset == 0
            ? default
            : new RtpExtensions(
                BinaryPrimitives.ReadUInt16BigEndian(Packet[_extensionOffset..]),
                Packet[(_extensionOffset + 4)..HeaderLength]
            );

    /// <summary>Reads a plain (decrypted) packet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpPacket parsed)
    {
        parsed = default;
        if (!RtpHeader.TryMeasure(packet, out var headerLength, out var extensionOffset))
        {
            return false;
        }

        var padding = 0;
        if ((packet[0] & RtpHeader.PaddingFlag) != 0)
        {
            // The last byte counts itself (§5.1); an empty rest has nowhere to hold it.
            padding = packet.Length > headerLength ? packet[^1] : 0;
            if (padding == 0 || padding > packet.Length - headerLength)
            {
                return false;
            }
        }

        parsed = new RtpPacket(packet, headerLength, extensionOffset, padding);
        return true;
    }
}
