using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Calls.Media.Wire;

/// <summary>
/// HMAC-SHA1 (RFC 2104) under one key, with the key's own two blocks hashed once. What the framework does anew for each packet costs
/// several times the hash of a packet. Holds only the key, so that any number of threads may use it.
/// </summary>
internal sealed class HmacSha1Key
{
    /// <summary>Length of a code, in bytes.</summary>
    public const int Length = Sha1State.HashLength;

    private readonly Sha1State _inner;
    private readonly Sha1State _outer;

    public HmacSha1Key(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[Sha1State.BlockLength];
        block.Clear();
        if (key.Length > block.Length)
        {
            SHA1.HashData(key, block);
        }
        else
        {
            key.CopyTo(block);
        }

        _inner = Start(block, 0x36);
        _outer = Start(block, 0x5C);
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>The code of a text, as much of it as is wanted: up to <see cref="Length"/> bytes.</summary>
    [SkipLocalsInit]
    public void Compute(ReadOnlySpan<byte> text, Span<byte> code)
    {
        Span<byte> hash = stackalloc byte[Length];
        var state = _inner;
        var whole = text.Length & ~(Sha1State.BlockLength - 1);
        state.Absorb(text[..whole]);
        state.Finish(text[whole..], Sha1State.BlockLength + text.Length, hash);
        state = _outer;
        state.Finish(hash, Sha1State.BlockLength + Length, hash);
        hash[..code.Length].CopyTo(code);
    }

    /// <summary>Whether a code, whole or cut short, belongs to a text; in the same time whatever the answer.</summary>
    [SkipLocalsInit]
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> code)
    {
        Span<byte> expected = stackalloc byte[Length];
        Compute(text, expected);
        return CryptographicOperations.FixedTimeEquals(expected[..code.Length], code);
    }

    private static Sha1State Start(ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[Sha1State.BlockLength];
        for (var i = 0; i < block.Length; i++)
        {
            block[i] = (byte)(key[i] ^ pad);
        }

        var state = Sha1State.Initial;
        state.Absorb(block);
        CryptographicOperations.ZeroMemory(block);
        return state;
    }
}
