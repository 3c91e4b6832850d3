using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Calls.Media.Srtp;

/// <summary>
/// AES by the processor's own instructions (FIPS 197), eight blocks of a counter at a time: their latency is that of one. An SRTP
/// packet is short, so that what a library does around its cipher costs more than the cipher; here there is nothing around it.
/// </summary>
internal struct AesInstructions
{
    /// <summary>Blocks that are made at once.</summary>
    public const int Lanes = 8;

    /// <summary>Length of a block, in bytes.</summary>
    public const int BlockLength = 16;

    private const int MaxRoundKeys = 15; // AES-256

    private RoundKeys _keys;
    private readonly int _rounds;

    [InlineArray(MaxRoundKeys)]
    private struct RoundKeys
    {
        private Vector128<byte> _first;
    }

    public AesInstructions(ReadOnlySpan<byte> key)
    {
        _rounds = (key.Length / 4) + 6;
        Expand(key, (_rounds + 1) * 4);
    }

    public static bool IsSupported =>
        Aes.IsSupported && Pclmulqdq.IsSupported && Ssse3.IsSupported && Sse41.IsSupported;

    /// <summary>One block.</summary>
    public readonly Vector128<byte> Encrypt(Vector128<byte> block)
    {
        block ^= _keys[0];
        for (var round = 1; round < _rounds; round++)
        {
            block = Aes.Encrypt(block, _keys[round]);
        }

        return Aes.EncryptLast(block, _keys[_rounds]);
    }

    /// <summary>The key stream of eight successive counters: the last 32 bits of the block count up, big-endian.</summary>
    public readonly void MakeStream(Vector128<byte> block, uint counter, ref byte stream)
    {
        ref var keys = ref Unsafe.As<RoundKeys, Vector128<byte>>(ref Unsafe.AsRef(in _keys));
        var key = keys;
        var b0 = Count(block, counter) ^ key;
        var b1 = Count(block, counter + 1) ^ key;
        var b2 = Count(block, counter + 2) ^ key;
        var b3 = Count(block, counter + 3) ^ key;
        var b4 = Count(block, counter + 4) ^ key;
        var b5 = Count(block, counter + 5) ^ key;
        var b6 = Count(block, counter + 6) ^ key;
        var b7 = Count(block, counter + 7) ^ key;
        for (var round = 1; round < _rounds; round++)
        {
            key = Unsafe.Add(ref keys, round);
            b0 = Aes.Encrypt(b0, key);
            b1 = Aes.Encrypt(b1, key);
            b2 = Aes.Encrypt(b2, key);
            b3 = Aes.Encrypt(b3, key);
            b4 = Aes.Encrypt(b4, key);
            b5 = Aes.Encrypt(b5, key);
            b6 = Aes.Encrypt(b6, key);
            b7 = Aes.Encrypt(b7, key);
        }

        key = Unsafe.Add(ref keys, _rounds);
        Aes.EncryptLast(b0, key).StoreUnsafe(ref stream);
        Aes.EncryptLast(b1, key).StoreUnsafe(ref stream, 1 * BlockLength);
        Aes.EncryptLast(b2, key).StoreUnsafe(ref stream, 2 * BlockLength);
        Aes.EncryptLast(b3, key).StoreUnsafe(ref stream, 3 * BlockLength);
        Aes.EncryptLast(b4, key).StoreUnsafe(ref stream, 4 * BlockLength);
        Aes.EncryptLast(b5, key).StoreUnsafe(ref stream, 5 * BlockLength);
        Aes.EncryptLast(b6, key).StoreUnsafe(ref stream, 6 * BlockLength);
        Aes.EncryptLast(b7, key).StoreUnsafe(ref stream, 7 * BlockLength);
    }

    /// <summary>Mixes a text with as much of a stream; both at most eight blocks.</summary>
    public static void Mix(Span<byte> text, ReadOnlySpan<byte> stream)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, stream.Length);
        ref var target = ref MemoryMarshal.GetReference(text);
        ref var source = ref MemoryMarshal.GetReference(stream);
        if (text.Length < BlockLength)
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] ^= stream[i];
            }

            return;
        }

        // The last block overlaps the one before it: it is read before that one is written, and written after it.
        var lastOffset = (nuint)(text.Length - BlockLength);
        var last = Vector128.LoadUnsafe(ref target, lastOffset) ^ Vector128.LoadUnsafe(ref source, lastOffset);
        for (nuint offset = 0; offset < lastOffset; offset += BlockLength)
        {
            (Vector128.LoadUnsafe(ref target, offset) ^ Vector128.LoadUnsafe(ref source, offset)).StoreUnsafe(
                ref target,
                offset
            );
        }

        last.StoreUnsafe(ref target, lastOffset);
    }

    /// <summary>Less than a block, filled up with zeros.</summary>
    public static Vector128<byte> Pad(ReadOnlySpan<byte> bytes)
    {
        ulong low = 0;
        ulong high = 0;
        if (bytes.Length > sizeof(ulong))
        {
            // The second half ends with the bytes; what it has in common with the first is shifted out.
            low = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]);
            high >>= 8 * (BlockLength - bytes.Length);
        }
        else
        {
            for (var i = bytes.Length - 1; i >= 0; i--)
            {
                low = (low << 8) | bytes[i];
            }
        }

        return Vector128.Create(low, high).AsByte();
    }

    private static Vector128<byte> Count(Vector128<byte> block, uint counter) =>
        block.AsUInt32().WithElement(3, BinaryPrimitives.ReverseEndianness(counter)).AsByte();

    // FIPS 197 §5.2, word by word; it runs once a key.
    private void Expand(ReadOnlySpan<byte> key, int words)
    {
        var perKey = key.Length / 4;
        Span<byte> bytes = stackalloc byte[MaxRoundKeys * BlockLength];
        Span<uint> schedule = stackalloc uint[MaxRoundKeys * 4];
        for (var i = 0; i < perKey; i++)
        {
            schedule[i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        }

        uint constant = 1;
        for (var i = perKey; i < words; i++)
        {
            var word = schedule[i - 1];
            if (i % perKey == 0)
            {
                word = SubstituteWord(uint.RotateRight(word, 8)) ^ constant;
                constant = (constant << 1) ^ (constant >= 0x80 ? 0x11Bu : 0);
            }
            else if (perKey == 8 && i % perKey == 4)
            {
                word = SubstituteWord(word);
            }

            schedule[i] = schedule[i - perKey] ^ word;
        }

        for (var i = 0; i < words; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], schedule[i]);
        }

        for (var i = 0; i < words / 4; i++)
        {
            _keys[i] = Vector128.Create<byte>(bytes.Slice(i * BlockLength, BlockLength));
        }
    }

    // The instruction for key expansion substitutes the second word into the first.
    private static uint SubstituteWord(uint word) =>
        Aes.KeygenAssist(Vector128.Create(word).AsByte(), 0).AsUInt32().ToScalar();
}
