using System.Buffers.Binary;

namespace Calls.Fuzz.Mutation;

/// <summary>RTCP compounds (RFC 3550 section 6.1): changes among their packets, and packets that ask for much.</summary>
internal static class RtcpBytes
{
    private static readonly byte[] Types = [200, 201, 202, 203, 204, 205, 206, 207];

    /// <summary>One change.</summary>
    public static byte[] Mutate(Random chance, byte[] compound, IReadOnlyList<byte[]> others)
    {
        var packets = Split(compound);
        if (packets.Count == 0)
        {
            return Bytes.Mutate(chance, compound, others);
        }
        var at = chance.Next(packets.Count);
        switch (chance.Next(8))
        {
            case 0: // a compound in a compound, some times over
                for (var times = 1 + chance.Next(40); times > 0 && packets.Count < 200; times--)
                {
                    packets.InsertRange(at, Split(others[chance.Next(others.Count)]));
                }
                break;
            case 1:
                packets.RemoveAt(at);
                break;
            case 2: // more or fewer items than there are
                packets[at][0] = (byte)((packets[at][0] & 0xE0) | chance.Next(32));
                break;
            case 3:
                packets[at][1] = Types[chance.Next(Types.Length)];
                break;
            case 4: // a length that is not so
                BinaryPrimitives.WriteUInt16BigEndian(packets[at].AsSpan(2), (ushort)Bytes.Edge(chance));
                break;
            case 5:
                packets[at][0] |= 0x20;
                var padding =
                    chance.Next(2) == 0 ? Bytes.Edge(chance) : (uint)(packets[at].Length - 4 + chance.Next(-1, 2));
                packets[at][^1] = (byte)padding;
                break;
            case 6:
                packets.Insert(at, Greedy(chance));
                break;
            default:
                packets[at] = Bytes.Mutate(chance, packets[at], others);
                break;
        }
        var whole = packets.SelectMany(packet => packet).ToArray();
        return whole.Length > Bytes.Longest ? whole[..Bytes.Longest] : whole;
    }

    // Feedback, extended reports and reports whose lists are as long as they can be.
    private static byte[] Greedy(Random chance)
    {
        var packet = new byte[8 + (4 * chance.Next(300))];
        chance.NextBytes(packet);
        packet[0] = (byte)(0x80 | (chance.Next(2) == 0 ? 1 : chance.Next(32)));
        packet[1] = Types[chance.Next(Types.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)((packet.Length / 4) - 1));
        return packet;
    }

    private static List<byte[]> Split(byte[] compound)
    {
        var packets = new List<byte[]>();
        for (var at = 0; at + 4 <= compound.Length; )
        {
            var length = 4 * (1 + BinaryPrimitives.ReadUInt16BigEndian(compound.AsSpan(at + 2)));
            length = Math.Min(length, compound.Length - at);
            packets.Add(compound.AsSpan(at, length).ToArray());
            at += length;
        }
        return packets;
    }
}
