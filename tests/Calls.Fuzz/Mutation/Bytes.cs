using System.Buffers.Binary;

namespace Calls.Fuzz.Mutation;

/// <summary>Changes that know nothing of what the bytes mean: the ground on which those of each protocol stand.</summary>
internal static class Bytes
{
    /// <summary>Longest input that is made, in bytes: above what any datagram has, below what takes long.</summary>
    public const int Longest = 3_000;

    private static readonly uint[] Edges =
    [
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        15,
        16,
        31,
        32,
        63,
        64,
        127,
        128,
        254,
        255,
        256,
        1_023,
        1_024,
        32_767,
        32_768,
        65_534,
        65_535,
        65_536,
        0x7FFF_FFFF,
        0x8000_0000,
        0xFFFF_FFFE,
        0xFFFF_FFFF,
    ];

    /// <summary>A number at which programs tend to err.</summary>
    public static uint Edge(Random chance) => Edges[chance.Next(Edges.Length)];

    /// <summary>The same, chosen by a number.</summary>
    public static uint Edge(uint which) => Edges[which % Edges.Length];

    /// <summary>Some changes, mostly few: an input that is wrong in one place gets further than one that is wrong everywhere.</summary>
    public static byte[] Mutate(Random chance, byte[] input, IReadOnlyList<byte[]> others)
    {
        var bytes = new List<byte>(input);
        var changes = 1 + (chance.Next(3) == 0 ? chance.Next(6) : 0);
        for (; changes > 0; changes--)
        {
            Change(chance, bytes, others[chance.Next(others.Count)]);
        }
        if (bytes.Count > Longest)
        {
            bytes.RemoveRange(Longest, bytes.Count - Longest);
        }
        return [.. bytes];
    }

    private static void Change(Random chance, List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)chance.Next(256));
        }
        var at = chance.Next(bytes.Count);
        var length = 1 + chance.Next(Math.Min(bytes.Count - at, chance.Next(4) == 0 ? 256 : 16));
        switch (chance.Next(11))
        {
            case 0:
                bytes[at] ^= (byte)(1 << chance.Next(8));
                break;
            case 1:
                bytes[at] = (byte)chance.Next(256);
                break;
            case 2:
                bytes[at] = (byte)Edge(chance);
                break;
            case 3:
                SetNumber(chance, bytes, at & ~1, 2, Edge(chance));
                break;
            case 4:
                SetNumber(chance, bytes, at & ~3, 4, Edge(chance));
                break;
            case 5: // a length: of what follows, or nearly
                SetNumber(chance, bytes, at & ~1, 2, (uint)Math.Max(0, bytes.Count - at + chance.Next(-6, 7)));
                break;
            case 6:
                bytes.RemoveRange(at, length);
                break;
            case 7: // once more, or very often
                var part = bytes.GetRange(at, length);
                for (var times = chance.Next(6) == 0 ? chance.Next(2, 60) : 1; times > 0; times--)
                {
                    bytes.InsertRange(at, part);
                }
                break;
            case 8:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 9: // the rest of another one
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(chance.Next(other.Length + 1)));
                break;
            default:
                var made = new byte[length];
                chance.NextBytes(made);
                bytes.InsertRange(at, made);
                break;
        }
    }

    private static void SetNumber(Random chance, List<byte> bytes, int at, int size, uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, value + (uint)(chance.Next(3) == 0 ? chance.Next(-1, 2) : 0));
        for (var i = 0; i < size && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[4 - size + i];
        }
    }
}
