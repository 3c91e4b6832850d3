using Microsoft.IdentityModel.Tokens;

namespace Calls.Host.Auth;

/// <summary>
/// A key that tokens may be signed with, bound to the one algorithm it is for. A public key can therefore never be taken
/// for an HMAC secret, whatever a token's header claims (RFC 8725 section 3.1).
/// </summary>
/// <param name="Algorithm">One of <see cref="TokenAlgorithms"/>.</param>
/// <param name="KeyId">What a token's <c>kid</c> must say; null: any token may try this key.</param>
/// <param name="Key">The key itself.</param>
public sealed record TokenKey(string Algorithm, string? KeyId, SecurityKey Key)
{
    /// <summary>The key itself. The library's cache of what signs and verifies is shared by all threads and has had races; a provider for each token costs microseconds.</summary>
    public SecurityKey Key { get; } = WithoutCache(Key);

    private static SecurityKey WithoutCache(SecurityKey key)
    {
        key.CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false };
        return key;
    }

    public override string ToString() => $"{Algorithm} key {KeyId ?? "without kid"}";
}

/// <summary>The algorithms that are accepted (RFC 7518 section 3.1); all others are refused, <c>none</c> first of all.</summary>
public static class TokenAlgorithms
{
    public const string Hs256 = SecurityAlgorithms.HmacSha256;
    public const string Rs256 = SecurityAlgorithms.RsaSha256;
    public const string Es256 = SecurityAlgorithms.EcdsaSha256;

    public static bool IsAccepted(string? name) => name is Hs256 or Rs256 or Es256;
}
