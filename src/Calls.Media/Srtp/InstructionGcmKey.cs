using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Calls.Media.Srtp;

/// <summary>AES-GCM (NIST SP 800-38D) on the processor's instructions. Holds only the key, so that any number of threads may use it.</summary>
internal sealed class InstructionGcmKey : GcmKey
{
    private const int BlockLength = AesInstructions.BlockLength;
    private const int ChunkLength = AesInstructions.Lanes * BlockLength;

    private readonly AesInstructions _aes;
    private readonly Ghash _ghash;

    public InstructionGcmKey(ReadOnlySpan<byte> key)
    {
        _aes = new AesInstructions(key);
        _ghash = new Ghash(_aes.Encrypt(Vector128<byte>.Zero));
    }

    [SkipLocalsInit]
    public override void Seal(Nonce nonce, ReadOnlySpan<byte> associated, Span<byte> text, Span<byte> tag)
    {
        Span<byte> stream = stackalloc byte[ChunkLength];
        Begin(nonce, stream, out var block, out var mask);
        Apply(block, stream, text);
        (_ghash.Compute(associated, text) ^ mask).CopyTo(tag);
    }

    [SkipLocalsInit]
    public override bool TryOpen(Nonce nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        Span<byte> stream = stackalloc byte[ChunkLength];
        Begin(nonce, stream, out var block, out var mask);
        Span<byte> expected = stackalloc byte[BlockLength];
        (_ghash.Compute(associated, text) ^ mask).CopyTo(expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, tag))
        {
            return false;
        }

        Apply(block, stream, text);
        return true;
    }

    // Counter 1 masks the tag, the text begins at 2 (§7.1): the first chunk of the stream holds the mask and seven blocks for the text.
    private void Begin(Nonce nonce, Span<byte> stream, out Vector128<byte> block, out Vector128<byte> mask)
    {
        block = Vector128
            .Create(BinaryPrimitives.ReverseEndianness(nonce.Head), BinaryPrimitives.ReverseEndianness(nonce.Tail))
            .AsByte();
        _aes.MakeStream(block, 1, ref stream[0]);
        mask = Vector128.Create<byte>(stream[..BlockLength]);
    }

    private void Apply(Vector128<byte> block, Span<byte> stream, Span<byte> text)
    {
        var length = Math.Min(text.Length, ChunkLength - BlockLength);
        AesInstructions.Mix(text[..length], stream[BlockLength..]);
        text = text[length..];
        for (uint counter = 1 + AesInstructions.Lanes; !text.IsEmpty; counter += AesInstructions.Lanes)
        {
            _aes.MakeStream(block, counter, ref stream[0]);
            length = Math.Min(text.Length, ChunkLength);
            AesInstructions.Mix(text[..length], stream);
            text = text[length..];
        }
    }
}
