using Calls.Media.Stun;

namespace Calls.Media.Ice;

/// <summary>One session's ICE user name fragment and password (RFC 8839 section 5.4): whoever knows them may send checks.</summary>
public sealed class IceCredentials
{
    /// <summary>Characters of the fragment: 48 random bits (24 are asked for), and just what fits a <see cref="ulong"/> as a key.</summary>
    public const int UfragLength = 8;

    /// <summary>Characters of the password: 144 random bits, where 128 are asked for.</summary>
    public const int PasswordLength = 24;

    // ice-char of RFC 8839: 64 of them, so six random bits make one.
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private IceCredentials(string ufrag, string password)
    {
        Ufrag = ufrag;
        Password = password;
        Key = new StunKey(password);
    }

    /// <summary>The user name fragment.</summary>
    public string Ufrag { get; }

    /// <summary>The password.</summary>
    public string Password { get; }

    /// <summary>The password as STUN wants it.</summary>
    public StunKey Key { get; }

    /// <summary>Makes new ones out of good randomness.</summary>
    public static IceCredentials Create(FillRandom random) =>
        new(Text(random, UfragLength), Text(random, PasswordLength));

    private static string Text(FillRandom random, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        random(bytes);
        Span<char> text = stackalloc char[length];
        for (var i = 0; i < length; i++)
        {
            text[i] = Alphabet[bytes[i] & 63];
        }
        return new string(text);
    }
}

/// <summary>Fills a buffer with random bytes: the operating system's in production, a seed's in tests.</summary>
public delegate void FillRandom(Span<byte> buffer);
