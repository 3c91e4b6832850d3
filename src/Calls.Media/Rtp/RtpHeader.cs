using System.Buffers.Binary;

namespace Calls.Media.Rtp;

/// <summary>The RTP header in place: its length, and the fields that forwarding rewrites.</summary>
public static class RtpHeader
{
    internal const int PaddingFlag = 0x20;
    internal const int ExtensionFlag = 0x10;
    internal const int CsrcCountMask = 0x0F;

    /// <summary>Finds the header's length. False for another version than 2, or when CSRCs or extension reach beyond the packet.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> packet, out int headerLength) =>
        TryMeasure(packet, out headerLength, out _);

    internal static bool TryMeasure(ReadOnlySpan<byte> packet, out int headerLength, out int extensionOffset)
    {
        headerLength = 0;
        extensionOffset = 0;
        if (packet.Length < RtpPacket.FixedHeaderLength || packet[0] >> 6 != 2)
        {
            return false;
        }

        var length = RtpPacket.FixedHeaderLength + (4 * (packet[0] & CsrcCountMask));
        if ((packet[0] & ExtensionFlag) != 0)
        {
            if (packet.Length < length + 4)
            {
                return false;
            }

            extensionOffset = length;
            length += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]));
        }

        headerLength = length;
        return length <= packet.Length;
    }

    /// <summary>Sets the synchronisation source.</summary>
    public static void SetSsrc(Span<byte> packet, uint ssrc) =>
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);

    /// <summary>Sets the sequence number.</summary>
    public static void SetSequenceNumber(Span<byte> packet, ushort sequenceNumber) =>
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequenceNumber);

    /// <summary>Sets the timestamp.</summary>
    public static void SetTimestamp(Span<byte> packet, uint timestamp) =>
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);

    /// <summary>Sets the payload type (0 to 127) and leaves the marker.</summary>
    public static void SetPayloadType(Span<byte> packet, byte payloadType) =>
        packet[1] = (byte)((packet[1] & 0x80) | (payloadType & 0x7F));

    /// <summary>Sets the marker and leaves the payload type.</summary>
    public static void SetMarker(Span<byte> packet, bool marker) =>
        packet[1] = (byte)((packet[1] & 0x7F) | (marker ? 0x80 : 0));
}
