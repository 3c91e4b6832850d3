using System.Runtime.InteropServices;

namespace Calls.Media.Tests.Srtp;

/// <summary>OpenSSL's ciphers by its own interface (EVP): neither our code nor the framework's around it.</summary>
internal static unsafe partial class OpenSslReference
{
    private const string Crypto = "libcrypto.so.3";
    private const int GetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    private const int SetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG

    /// <summary>AES-GCM with a nonce of 12 bytes: the ciphertext, and the tag behind it.</summary>
    public static byte[] SealGcm(byte[] key, byte[] nonce, byte[] associated, byte[] text)
    {
        var made = new byte[text.Length + 16];
        var context = EVP_CIPHER_CTX_new();
        Require(EVP_EncryptInit_ex(context, Gcm(key), 0, key, nonce));
        Require(EVP_EncryptUpdate(context, null, out _, associated, associated.Length));
        fixed (byte* output = made)
        {
            Require(EVP_EncryptUpdate(context, output, out var written, text, text.Length));
            Require(EVP_EncryptFinal_ex(context, output + written, out _));
            Require(EVP_CIPHER_CTX_ctrl(context, GetTag, 16, output + text.Length));
        }
        EVP_CIPHER_CTX_free(context);
        return made;
    }

    /// <summary>The text; null for a tag that is not the right one.</summary>
    public static byte[]? OpenGcm(byte[] key, byte[] nonce, byte[] associated, byte[] made)
    {
        var text = new byte[made.Length]; // one that is empty has no address to give
        var length = made.Length - 16;
        var context = EVP_CIPHER_CTX_new();
        Require(EVP_DecryptInit_ex(context, Gcm(key), 0, key, nonce));
        Require(EVP_DecryptUpdate(context, null, out _, associated, associated.Length));
        bool isAuthentic;
        fixed (
            byte* output = text,
                input = made
        )
        {
            Require(EVP_DecryptUpdate(context, output, out var written, made, length));
            Require(EVP_CIPHER_CTX_ctrl(context, SetTag, 16, input + length));
            isAuthentic = EVP_DecryptFinal_ex(context, output + written, out _) == 1;
        }
        EVP_CIPHER_CTX_free(context);
        return isAuthentic ? text[..length] : null;
    }

    /// <summary>AES-128 in counter mode from a first block of 16 bytes.</summary>
    public static byte[] Count(byte[] key, byte[] first, byte[] text)
    {
        var made = new byte[text.Length + 16];
        var context = EVP_CIPHER_CTX_new();
        Require(EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), 0, key, first));
        fixed (byte* output = made)
        {
            Require(EVP_EncryptUpdate(context, output, out _, text, text.Length));
        }
        EVP_CIPHER_CTX_free(context);
        return made[..text.Length];
    }

    public static byte[] HmacSha1(byte[] key, byte[] text)
    {
        var code = new byte[20];
        fixed (byte* output = code)
        {
            var made = HMAC(EVP_sha1(), key, key.Length, text, (nuint)text.Length, output, out var length);
            Require(made != 0 && length == code.Length ? 1 : 0);
        }
        return code;
    }

    private static nint Gcm(byte[] key) => key.Length == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();

    private static void Require(int result) => result.ShouldBe(1, "OpenSSL refused");

    [LibraryImport(Crypto)]
    private static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(Crypto)]
    private static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(Crypto)]
    private static partial int EVP_CIPHER_CTX_ctrl(nint context, int command, int number, byte* pointer);

    [LibraryImport(Crypto)]
    private static partial nint EVP_aes_128_gcm();

    [LibraryImport(Crypto)]
    private static partial nint EVP_aes_256_gcm();

    [LibraryImport(Crypto)]
    private static partial nint EVP_aes_128_ctr();

    [LibraryImport(Crypto)]
    private static partial nint EVP_sha1();

    [LibraryImport(Crypto)]
    private static partial int EVP_EncryptInit_ex(nint context, nint cipher, nint engine, byte[] key, byte[] nonce);

    [LibraryImport(Crypto)]
    private static partial int EVP_EncryptUpdate(nint context, byte* output, out int written, byte[] input, int length);

    [LibraryImport(Crypto)]
    private static partial int EVP_EncryptFinal_ex(nint context, byte* output, out int written);

    [LibraryImport(Crypto)]
    private static partial int EVP_DecryptInit_ex(nint context, nint cipher, nint engine, byte[] key, byte[] nonce);

    [LibraryImport(Crypto)]
    private static partial int EVP_DecryptUpdate(nint context, byte* output, out int written, byte[] input, int length);

    [LibraryImport(Crypto)]
    private static partial int EVP_DecryptFinal_ex(nint context, byte* output, out int written);

    [LibraryImport(Crypto)]
    private static partial nint HMAC(
        nint digest,
        byte[] key,
        int keyLength,
        byte[] text,
        nuint length,
        byte* output,
        out uint written
    );
}
