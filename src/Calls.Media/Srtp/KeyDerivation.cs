using System.Security.Cryptography;

namespace Calls.Media.Srtp;

/// <summary>Makes session keys of master keys (RFC 3711 §4.3, with a key derivation rate of 0: once).</summary>
internal static class KeyDerivation
{
    public const byte RtpEncryption = 0;
    public const byte RtpAuthentication = 1;
    public const byte RtpSalt = 2;
    public const byte RtcpEncryption = 3;
    public const byte RtcpAuthentication = 4;
    public const byte RtcpSalt = 5;

    private const int BlockLength = 16;

    /// <summary>The first <paramref name="length"/> bytes of the AES counter-mode stream of a label. The 12-byte salts of the AEAD profiles are filled up with zeros (RFC 7714 §11).</summary>
    public static byte[] Derive(SrtpKeys keys, byte label, int length)
    {
        Span<byte> counter = stackalloc byte[BlockLength];
        counter.Clear();
        keys.MasterSalt.CopyTo(counter);

        // key_id = label || r with r = 0 of 48 bits, aligned to the right end of the 112-bit salt.
        counter[7] ^= label;

        using var aes = Aes.Create();
        aes.Key = keys.MasterKey;
        var blocks = (length + BlockLength - 1) / BlockLength;
        var stream = new byte[blocks * BlockLength];
        for (var block = 0; block < blocks; block++)
        {
            counter[15] = (byte)block;
            aes.EncryptEcb(counter, stream.AsSpan(block * BlockLength, BlockLength), PaddingMode.None);
        }

        return stream[..length];
    }
}
