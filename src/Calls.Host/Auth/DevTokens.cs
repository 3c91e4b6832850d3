using System.Security.Cryptography;
using System.Text.Json;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Calls.Host.Auth;

/// <summary>
/// Issues tokens in Development, where there is no chat app to do it. The signing key is kept in the store, so that a
/// token survives a restart and holds on every node.
/// </summary>
public sealed class DevTokens
{
    private const string SecretName = "dev-signing-key";
    private const string KeyId = "dev";

    // Its own times would be by the system's clock.
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly string? _issuer;
    private readonly string? _audience;
    private readonly TimeProvider _clock;

    private DevTokens(byte[] secret, string? issuer, string? audience, TimeProvider clock)
    {
        Key = new(TokenAlgorithms.Hs256, KeyId, new SymmetricSecurityKey(secret) { KeyId = KeyId });
        (_issuer, _audience, _clock) = (issuer, audience, clock);
    }

    /// <summary>What its tokens are checked with, beside the configured keys.</summary>
    public TokenKey Key { get; }

    /// <summary>Takes the signing key from the store, or makes it there.</summary>
    /// <param name="store">Keeps the key.</param>
    /// <param name="issuer">The configured issuer, which these tokens must show too.</param>
    /// <param name="audience">The configured audience, likewise.</param>
    /// <param name="clock">The time.</param>
    public static async Task<DevTokens> Create(ICallStore store, string? issuer, string? audience, TimeProvider clock)
    {
        var candidate = RandomNumberGenerator.GetBytes(TokenKeyReader.MinSecretBytes);
        return new(await store.GetOrAddSecret(SecretName, candidate), issuer, audience, clock);
    }

    /// <summary>A token for that user.</summary>
    /// <param name="user">Who.</param>
    /// <param name="name">What others see; null: the user id.</param>
    /// <param name="admin">Whether it opens <c>/api/admin</c>.</param>
    /// <param name="ttl">How long it holds; a negative one gives a token that has expired.</param>
    public string Issue(UserId user, string? name, bool admin, TimeSpan ttl)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["sub"] = user.Value,
            ["exp"] = UnixSeconds(ttl),
        };
        if (name is not null)
            claims["name"] = name;
        if (admin)
            claims["scope"] = Identity.AdminScope;
        if (_issuer is not null)
            claims["iss"] = _issuer;
        if (_audience is not null)
            claims["aud"] = _audience;
        var credentials = new SigningCredentials(Key.Key, TokenAlgorithms.Hs256);
        return _handler.CreateToken(JsonSerializer.Serialize(claims), credentials);
    }

    /// <summary>Now and the ttl, within what a date can be. Not in whole seconds: a token of one second should hold one.</summary>
    private double UnixSeconds(TimeSpan ttl)
    {
        var seconds = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds + ttl.TotalSeconds;
        return Math.Clamp(Math.Round(seconds, 3), 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
    }
}
