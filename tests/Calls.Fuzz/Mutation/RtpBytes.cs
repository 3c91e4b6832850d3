using System.Buffers.Binary;
using Calls.Media.Rtp;

namespace Calls.Fuzz.Mutation;

/// <summary>RTP packets (RFC 3550 section 5): changes to the parts of their headers, and RED payloads (RFC 2198).</summary>
internal static class RtpBytes
{
    private const int Fixed = RtpPacket.FixedHeaderLength;

    /// <summary>One change, of what the header says and where it says it.</summary>
    public static byte[] Mutate(Random chance, byte[] packet, IReadOnlyList<byte[]> others)
    {
        if (packet.Length < Fixed)
        {
            return Bytes.Mutate(chance, packet, others);
        }
        switch (chance.Next(8))
        {
            case 0: // more or fewer CSRCs than there are
                packet[0] = (byte)((packet[0] & 0xF0) | chance.Next(16));
                return packet;
            case 1:
                return WithExtension(chance, packet);
            case 2: // padding, by a count that may be too large
                packet[0] |= 0x20;
                packet[^1] = (byte)Bytes.Edge(chance);
                return packet;
            case 3: // a jump in numbers or time
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)Bytes.Edge(chance));
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), Bytes.Edge(chance));
                return packet;
            case 4: // another stream
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), (uint)chance.Next(8));
                return packet;
            case 5: // another payload type, RED's among them
                packet[1] = (byte)(chance.Next(3) == 0 ? 63 : chance.Next(256));
                return packet;
            case 6:
                return [.. packet.AsSpan(0, Fixed), .. Redundant(chance, packet.AsSpan(Fixed))];
            default:
                return Bytes.Mutate(chance, packet, others);
        }
    }

    // A header extension of either form (RFC 8285): many elements, the same again and again, lengths beyond the end.
    private static byte[] WithExtension(Random chance, byte[] packet)
    {
        var isOneByte = chance.Next(2) == 0;
        var elements = new List<byte>();
        for (var count = chance.Next(chance.Next(4) == 0 ? 200 : 6); count > 0; count--)
        {
            var (id, length) = (chance.Next(4) == 0 ? chance.Next(256) : chance.Next(5), chance.Next(18));
            elements.AddRange(isOneByte ? [(byte)((id << 4) | (length & 15))] : [(byte)id, (byte)length]);
            elements.AddRange(new byte[Math.Max(0, length + chance.Next(-1, 2))]);
        }
        while (elements.Count % 4 != 0)
        {
            elements.Add(0);
        }
        var words = (elements.Count / 4) + (chance.Next(8) == 0 ? chance.Next(-2, 3) : 0);
        byte[] head = [isOneByte ? (byte)0xBE : (byte)0x10, isOneByte ? (byte)0xDE : (byte)chance.Next(17), 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)words);
        packet[0] = (byte)((packet[0] & 0xE0) | 0x10);
        var payload = RtpHeader.TryMeasure(packet, out var length2) ? packet.AsSpan(length2) : default;
        return [.. packet.AsSpan(0, Fixed), .. head, .. elements, .. payload];
    }

    private static byte[] Redundant(Random chance, ReadOnlySpan<byte> frame)
    {
        var heads = new List<byte>();
        for (var blocks = chance.Next(chance.Next(6) == 0 ? 300 : 4); blocks > 0; blocks--)
        {
            heads.AddRange([(byte)(0x80 | 111), 0, (byte)chance.Next(4), (byte)chance.Next(256)]);
        }
        heads.Add((byte)(chance.Next(8) == 0 ? 0xEF : 111));
        return [.. heads, .. new byte[chance.Next(900)], .. frame];
    }
}
