namespace Calls.Media.Srtp;

/// <summary>The master key and salt of one direction.</summary>
public sealed class SrtpKeys
{
    /// <summary>Keys for a profile; lengths must be the profile's.</summary>
    public SrtpKeys(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(masterKey.Length, profile.KeyLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(masterSalt.Length, profile.SaltLength);
        Profile = profile;
        MasterKey = masterKey.ToArray();
        MasterSalt = masterSalt.ToArray();
    }

    /// <summary>The profile they are for.</summary>
    public SrtpProfile Profile { get; }

    internal byte[] MasterKey { get; }

    internal byte[] MasterSalt { get; }

    /// <summary>Divides what DTLS exported: both keys, then both salts, the client's first (RFC 5764 §4.2).</summary>
    public static (SrtpKeys Client, SrtpKeys Server) Split(SrtpProfile profile, ReadOnlySpan<byte> exported)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(exported.Length, profile.ExportLength);
        var (key, salt) = (profile.KeyLength, profile.SaltLength);
        var salts = exported[(2 * key)..];
        return (
            new SrtpKeys(profile, exported[..key], salts[..salt]),
            new SrtpKeys(profile, exported.Slice(key, key), salts.Slice(salt, salt))
        );
    }
}
