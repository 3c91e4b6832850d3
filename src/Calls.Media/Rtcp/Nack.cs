using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>Requests for packets that are missing (RFC 4585 section 6.2.1): a number, and a bit for each of the sixteen after it.</summary>
public static class Nack
{
    /// <summary>Most items that are read of one packet: more than anybody's history holds.</summary>
    public const int MaxItems = 16;

    /// <summary>Packets of one item.</summary>
    public const int PerItem = 17;

    private const int HeaderLength = 8;

    /// <summary>How many items a packet of the kind <see cref="FeedbackKind.Nack"/> has, up to <see cref="MaxItems"/>.</summary>
    public static int CountNackItems(this in RtcpPacket packet) =>
        packet.Feedback == FeedbackKind.Nack ? Math.Min(MaxItems, (packet.Body.Length - HeaderLength) / 4) : 0;

    /// <summary>One item: the first number, and which of the following are missing too (bit 0: the next one).</summary>
    public static (ushort First, ushort Following) NackItem(this in RtcpPacket packet, int index)
    {
        var item = packet.Body[(HeaderLength + (4 * index))..];
        return (BinaryPrimitives.ReadUInt16BigEndian(item), BinaryPrimitives.ReadUInt16BigEndian(item[2..]));
    }

    /// <summary>Adds a request.</summary>
    /// <param name="writer">The compound.</param>
    /// <param name="ssrc">Who asks.</param>
    /// <param name="mediaSsrc">Whose packets are missing.</param>
    /// <param name="missing">Their numbers, in ascending order (modulo 2^16), at least one.</param>
    public static void AddNack(
        this ref RtcpWriter writer,
        uint ssrc,
        uint mediaSsrc,
        scoped ReadOnlySpan<ushort> missing
    )
    {
        Span<byte> items = stackalloc byte[4 * missing.Length];
        var count = 0;
        for (var i = 0; i < missing.Length; count++)
        {
            var first = missing[i++];
            var following = 0;
            while (i < missing.Length && (ushort)(missing[i] - first) is > 0 and < PerItem)
            {
                following |= 1 << ((ushort)(missing[i++] - first) - 1);
            }
            BinaryPrimitives.WriteUInt16BigEndian(items[(4 * count)..], first);
            BinaryPrimitives.WriteUInt16BigEndian(items[((4 * count) + 2)..], (ushort)following);
        }
        var body = writer.Begin(RtcpType.TransportFeedback, 1, HeaderLength + (4 * count));
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], mediaSsrc);
        items[..(4 * count)].CopyTo(body[HeaderLength..]);
    }
}
