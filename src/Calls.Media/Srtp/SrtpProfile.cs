namespace Calls.Media.Srtp;

/// <summary>An SRTP protection profile (RFC 5764 §4.1.2, RFC 7714 §14.2): which cipher, and how long its parts are.</summary>
public sealed class SrtpProfile
{
    /// <summary>AES-CM with HMAC-SHA1, 80-bit tags: what every WebRTC client can.</summary>
    public static readonly SrtpProfile Aes128CmSha1Tag80 = new(0x0001, "SRTP_AES128_CM_SHA1_80", 16, 14, 10, false);

    /// <summary>AES-GCM with a 128-bit key: the quickest.</summary>
    public static readonly SrtpProfile AeadAes128Gcm = new(0x0007, "SRTP_AEAD_AES_128_GCM", 16, 12, 16, true);

    /// <summary>AES-GCM with a 256-bit key.</summary>
    public static readonly SrtpProfile AeadAes256Gcm = new(0x0008, "SRTP_AEAD_AES_256_GCM", 32, 12, 16, true);

    /// <summary>All of them, the preferred one first.</summary>
    public static readonly IReadOnlyList<SrtpProfile> Preferred = [AeadAes128Gcm, AeadAes256Gcm, Aes128CmSha1Tag80];

    /// <summary>The label under which DTLS exports the keys (RFC 5764 §4.2).</summary>
    public const string ExporterLabel = "EXTRACTOR-dtls_srtp";

    private SrtpProfile(ushort id, string name, int keyLength, int saltLength, int tagLength, bool isAead)
    {
        Id = id;
        Name = name;
        KeyLength = keyLength;
        SaltLength = saltLength;
        TagLength = tagLength;
        IsAead = isAead;
    }

    /// <summary>The number in the DTLS extension <c>use_srtp</c>.</summary>
    public ushort Id { get; }

    /// <summary>The name that OpenSSL knows it by.</summary>
    public string Name { get; }

    /// <summary>Length of a key, in bytes.</summary>
    public int KeyLength { get; }

    /// <summary>Length of a salt, in bytes.</summary>
    public int SaltLength { get; }

    /// <summary>Length of the authentication tag, in bytes: what a protected RTP packet is longer by.</summary>
    public int TagLength { get; }

    /// <summary>Whether cipher and authentication are one (RFC 7714).</summary>
    public bool IsAead { get; }

    /// <summary>What a protected RTCP packet is longer by: the tag, the E bit and the index.</summary>
    public int RtcpOverhead => TagLength + 4;

    /// <summary>How many bytes the DTLS exporter gives: a key and a salt for each side.</summary>
    public int ExportLength => 2 * (KeyLength + SaltLength);

    /// <summary>The profile with this number, or null.</summary>
    public static SrtpProfile? Find(ushort id)
    {
        foreach (var profile in Preferred)
        {
            if (profile.Id == id)
            {
                return profile;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
