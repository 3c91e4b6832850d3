using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>The two blocks of extended reports by which a receiver that sends nothing learns its round trip (RFC 3611 sections 4.4 and 4.5).</summary>
public static class ReferenceTimes
{
    private const byte ReceiverReference = 4; // "now it is so late here"
    private const byte LastReference = 5; // "so long ago you said it was so late"
    private const int HeaderLength = 4;

    /// <summary>The receiver's own time, if the packet is an extended report that tells it.</summary>
    public static bool TryReadReferenceTime(in RtcpPacket packet, out NtpTime ntp)
    {
        ntp = default;
        if (packet.Type != RtcpType.ExtendedReport || packet.Body.Length < 4)
        {
            return false;
        }
        var blocks = packet.Body[4..];
        while (blocks.Length >= HeaderLength)
        {
            var length = HeaderLength + (4 * BinaryPrimitives.ReadUInt16BigEndian(blocks[2..]));
            if (length > blocks.Length)
            {
                return false;
            }
            if (blocks[0] == ReceiverReference && length == HeaderLength + 8)
            {
                ntp = new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(blocks[HeaderLength..]));
                return true;
            }
            blocks = blocks[length..];
        }
        return false;
    }

    /// <summary>Tells a receiver which of its times was the last to come, and how long ago that was.</summary>
    /// <param name="writer">The compound.</param>
    /// <param name="ssrc">Who tells it.</param>
    /// <param name="receiver">The SSRC under which the receiver said its time.</param>
    /// <param name="last">What it said.</param>
    /// <param name="ago">How long ago.</param>
    public static void AddLastReference(
        this ref RtcpWriter writer,
        uint ssrc,
        uint receiver,
        NtpTime last,
        TimeSpan ago
    )
    {
        var body = writer.Begin(RtcpType.ExtendedReport, 0, 4 + HeaderLength + 12);
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        body[4] = LastReference;
        body[5] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(body[6..], 3);
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], receiver);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], last.Middle);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], NtpTime.ToMiddleUnits(ago));
    }
}
