using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Calls.Host.Auth;

/// <summary>Tells good tokens from others (RFC 7519, with the advice of RFC 8725). Safe for any number of threads.</summary>
/// <param name="keys">Any of them may have signed.</param>
/// <param name="issuer">What <c>iss</c> must be; null: not checked.</param>
/// <param name="audience">What <c>aud</c> must name; null: not checked.</param>
/// <param name="clock">The time.</param>
public sealed class TokenValidator(IReadOnlyList<TokenKey> keys, string? issuer, string? audience, TimeProvider clock)
{
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = UnverifiedToken.MaxLength };

    /// <summary>Judges a token; never throws.</summary>
    public TokenResult Validate(string? token)
    {
        if (!UnverifiedToken.TryParse(token, out var unverified, out var problem))
            return new TokenResult.Refused(problem);
        var candidates = Candidates(unverified);
        if (candidates.Length == 0)
            return new TokenResult.Refused($"no key for {unverified.Algorithm} with this kid");
        var claimed = TokenClaims.Read(unverified.Claims, clock.GetUtcNow());
        if (claimed is TokenResult.Refused)
            return claimed;
        return Verify(token!, Parameters(unverified.Algorithm, candidates)) is { } failure
            ? new TokenResult.Refused(failure)
            : claimed;
    }

    /// <summary>Null if signature, issuer and audience are good. The library's messages quote the token, so only the kind of failure is told.</summary>
    private string? Verify(string token, TokenValidationParameters parameters)
    {
        try
        {
            var checks = _handler.ValidateToken(token, parameters);
            return checks.IsValid ? null : checks.Exception?.GetType().Name ?? "not valid";
        }
        catch (Exception e)
        {
            // The library promises nothing about odd claims, and a token comes from outside: it is refused, not our crash.
            return e.GetType().Name;
        }
    }

    /// <summary>The keys of the token's algorithm, and of its <c>kid</c> if it names one; keys without a <c>kid</c> fit every token.</summary>
    private SecurityKey[] Candidates(UnverifiedToken token) =>
        [
            .. keys.Where(key => key.Algorithm == token.Algorithm)
                .Where(key => token.KeyId is null || key.KeyId is null || key.KeyId == token.KeyId)
                .Select(key => key.Key),
        ];

    private TokenValidationParameters Parameters(string algorithm, SecurityKey[] candidates) =>
        new()
        {
            ValidAlgorithms = [algorithm],
            IssuerSigningKeyResolver = (_, _, _, _) => candidates,
            RequireSignedTokens = true,
            ValidateIssuer = issuer is not null,
            ValidIssuer = issuer,
            ValidateAudience = audience is not null,
            ValidAudience = audience,
            // Times are TokenClaims' business: it has our clock, and it tells expired from bad.
            ValidateLifetime = false,
        };
}
