using System.Buffers.Binary;

namespace Calls.Media.Rtp;

/// <summary>Writes an RTP header from scratch, with extension elements of the one-byte form (RFC 8285 §4.2).</summary>
public ref struct RtpHeaderWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Writes the fixed header. The buffer must hold the whole header.</summary>
    public RtpHeaderWriter(
        Span<byte> buffer,
        byte payloadType,
        bool marker,
        ushort sequenceNumber,
        uint timestamp,
        uint ssrc
    )
    {
        _buffer = buffer;
        _buffer[0] = 0x80;
        _buffer[1] = (byte)((marker ? 0x80 : 0) | (payloadType & 0x7F));
        RtpHeader.SetSequenceNumber(buffer, sequenceNumber);
        RtpHeader.SetTimestamp(buffer, timestamp);
        RtpHeader.SetSsrc(buffer, ssrc);
        _length = RtpPacket.FixedHeaderLength;
    }

    /// <summary>Adds an element: id 1 to 14, value of 1 to 16 bytes.</summary>
    public void AddExtension(int id, scoped ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, RtpExtensionMap.MaxOneByteId);
        ArgumentOutOfRangeException.ThrowIfLessThan(value.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, 16);
        if ((_buffer[0] & RtpHeader.ExtensionFlag) == 0)
        {
            _buffer[0] |= RtpHeader.ExtensionFlag;
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], RtpExtensions.OneByteProfile);
            _length += 4;
        }

        _buffer[_length++] = (byte)((id << 4) | (value.Length - 1));
        value.CopyTo(_buffer[_length..]);
        _length += value.Length;
    }

    /// <summary>Pads the extension to a whole word and returns the header's length.</summary>
    public int Finish()
    {
        if ((_buffer[0] & RtpHeader.ExtensionFlag) != 0)
        {
            while (_length % 4 != 0)
            {
                _buffer[_length++] = 0;
            }

            var words = (_length - RtpPacket.FixedHeaderLength - 4) / 4;
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[(RtpPacket.FixedHeaderLength + 2)..], (ushort)words);
        }

        return _length;
    }
}
