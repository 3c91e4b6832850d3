using System.Security.Cryptography;

namespace Calls.Media.Srtp;

/// <summary>AES-GCM under one key, with 12-byte nonces and 16-byte tags, in place. Safe for use from several threads.</summary>
internal abstract class GcmKey
{
    public static GcmKey Create(ReadOnlySpan<byte> key) =>
        AesInstructions.IsSupported ? new InstructionGcmKey(key) : new FrameworkGcmKey(key);

    public abstract void Seal(Nonce nonce, ReadOnlySpan<byte> associated, Span<byte> text, Span<byte> tag);

    /// <summary>Decrypts if the tag is right; else false, and the text is as it was.</summary>
    public abstract bool TryOpen(Nonce nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag);
}

/// <summary>The framework's AES-GCM, for machines without the instructions that the quicker one needs.</summary>
internal sealed class FrameworkGcmKey(ReadOnlySpan<byte> key) : GcmKey
{
    private readonly AesGcm _aes = new(key, 16);
    private readonly Lock _lock = new();

    public override void Seal(Nonce nonce, ReadOnlySpan<byte> associated, Span<byte> text, Span<byte> tag)
    {
        Span<byte> bytes = stackalloc byte[Nonce.Length];
        nonce.Write(bytes);

        // AesGcm holds one OpenSSL context, which serves one caller at a time.
        lock (_lock)
        {
            _aes.Encrypt(bytes, text, text, tag, associated);
        }
    }

    public override bool TryOpen(Nonce nonce, ReadOnlySpan<byte> associated, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        Span<byte> bytes = stackalloc byte[Nonce.Length];
        nonce.Write(bytes);

        // Into a place of its own: on a wrong tag the framework wipes what it decrypted to.
        Span<byte> plain = stackalloc byte[SrtpLimits.MaxPacketLength];
        plain = plain[..text.Length];
        try
        {
            lock (_lock)
            {
                _aes.Decrypt(bytes, text, tag, plain, associated);
            }
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain.CopyTo(text);
        return true;
    }
}
