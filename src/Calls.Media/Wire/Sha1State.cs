using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Calls.Media.Wire;

/// <summary>SHA-1's five words (FIPS 180-4 §6.1), block by block. Only for HMAC, which its known weakness does not touch.</summary>
internal struct Sha1State
{
    /// <summary>Length of a block, in bytes.</summary>
    public const int BlockLength = 64;

    /// <summary>Length of a hash, in bytes.</summary>
    public const int HashLength = 20;

    private const int Rounds = 80;

    private uint _a;
    private uint _b;
    private uint _c;
    private uint _d;
    private uint _e;

    /// <summary>The beginning of every hash.</summary>
    public static Sha1State Initial =>
        new()
        {
            _a = 0x6745_2301,
            _b = 0xEFCD_AB89,
            _c = 0x98BA_DCFE,
            _d = 0x1032_5476,
            _e = 0xC3D2_E1F0,
        };

    /// <summary>Takes whole blocks.</summary>
    [SkipLocalsInit]
    public void Absorb(ReadOnlySpan<byte> blocks)
    {
        Span<uint> words = stackalloc uint[Rounds];
        for (; blocks.Length >= BlockLength; blocks = blocks[BlockLength..])
        {
            Schedule(blocks[..BlockLength], words);
            Mix(words);
        }
    }

    /// <summary>Takes the rest of a text, less than a block, and ends it.</summary>
    /// <param name="rest">The rest.</param>
    /// <param name="totalLength">The length of all that was taken, this included, in bytes.</param>
    /// <param name="hash">The hash.</param>
    [SkipLocalsInit]
    public void Finish(ReadOnlySpan<byte> rest, long totalLength, Span<byte> hash)
    {
        // A one bit, zeros, and the length in bits, up to whole blocks.
        Span<byte> last = stackalloc byte[2 * BlockLength];
        last.Clear();
        rest.CopyTo(last);
        last[rest.Length] = 0x80;
        var length = rest.Length + 1 + sizeof(ulong) <= BlockLength ? BlockLength : 2 * BlockLength;
        BinaryPrimitives.WriteInt64BigEndian(last[(length - sizeof(ulong))..], totalLength * 8);
        Absorb(last[..length]);
        BinaryPrimitives.WriteUInt32BigEndian(hash, _a);
        BinaryPrimitives.WriteUInt32BigEndian(hash[4..], _b);
        BinaryPrimitives.WriteUInt32BigEndian(hash[8..], _c);
        BinaryPrimitives.WriteUInt32BigEndian(hash[12..], _d);
        BinaryPrimitives.WriteUInt32BigEndian(hash[16..], _e);
    }

    private static void Schedule(ReadOnlySpan<byte> block, Span<uint> words)
    {
        for (var i = 0; i < 16; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        }

        for (var i = 16; i < Rounds; i++)
        {
            words[i] = BitOperations.RotateLeft(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
        }
    }

    // Five rounds a turn, after which every word is back in its own place: nothing is moved from one variable to the next.
    private void Mix(ReadOnlySpan<uint> w)
    {
        var (a, b, c, d, e) = (_a, _b, _c, _d, _e);
        for (var i = 0; i < 20; i += 5)
        {
            Round(a, ref b, ((c ^ d) & b) ^ d, ref e, w[i] + 0x5A82_7999);
            Round(e, ref a, ((b ^ c) & a) ^ c, ref d, w[i + 1] + 0x5A82_7999);
            Round(d, ref e, ((a ^ b) & e) ^ b, ref c, w[i + 2] + 0x5A82_7999);
            Round(c, ref d, ((e ^ a) & d) ^ a, ref b, w[i + 3] + 0x5A82_7999);
            Round(b, ref c, ((d ^ e) & c) ^ e, ref a, w[i + 4] + 0x5A82_7999);
        }

        for (var i = 20; i < 40; i += 5)
        {
            Parities(ref a, ref b, ref c, ref d, ref e, w.Slice(i, 5), 0x6ED9_EBA1);
        }

        for (var i = 40; i < 60; i += 5)
        {
            Round(a, ref b, (b & c) | ((b | c) & d), ref e, w[i] + 0x8F1B_BCDC);
            Round(e, ref a, (a & b) | ((a | b) & c), ref d, w[i + 1] + 0x8F1B_BCDC);
            Round(d, ref e, (e & a) | ((e | a) & b), ref c, w[i + 2] + 0x8F1B_BCDC);
            Round(c, ref d, (d & e) | ((d | e) & a), ref b, w[i + 3] + 0x8F1B_BCDC);
            Round(b, ref c, (c & d) | ((c | d) & e), ref a, w[i + 4] + 0x8F1B_BCDC);
        }

        for (var i = 60; i < 80; i += 5)
        {
            Parities(ref a, ref b, ref c, ref d, ref e, w.Slice(i, 5), 0xCA62_C1D6);
        }

        _a += a;
        _b += b;
        _c += c;
        _d += d;
        _e += e;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Parities(
        ref uint a,
        ref uint b,
        ref uint c,
        ref uint d,
        ref uint e,
        ReadOnlySpan<uint> w,
        uint constant
    )
    {
        Round(a, ref b, b ^ c ^ d, ref e, w[0] + constant);
        Round(e, ref a, a ^ b ^ c, ref d, w[1] + constant);
        Round(d, ref e, e ^ a ^ b, ref c, w[2] + constant);
        Round(c, ref d, d ^ e ^ a, ref b, w[3] + constant);
        Round(b, ref c, c ^ d ^ e, ref a, w[4] + constant);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(uint a, ref uint b, uint f, ref uint e, uint word)
    {
        e += BitOperations.RotateLeft(a, 5) + f + word;
        b = BitOperations.RotateLeft(b, 30);
    }
}
