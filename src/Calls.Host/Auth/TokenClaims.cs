using System.Text.Json;
using Calls.Protocol;

namespace Calls.Host.Auth;

/// <summary>Reads a token's claims. Whether they are true is for the signature to say.</summary>
internal static class TokenClaims
{
    /// <summary>Longest name, in UTF-16 units: it is sent to everybody in the call and must fit a line of a screen.</summary>
    public const int MaxName = 128;

    /// <summary>How far the issuer's clock may be ahead of ours. There is none for <c>exp</c>: at that moment connections are closed.</summary>
    public static readonly TimeSpan NotBeforeLeeway = TimeSpan.FromSeconds(5);

    // A NumericDate (RFC 7519 section 2) that a DateTimeOffset holds.
    private static readonly double LatestDate = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The identity, or why there is none; never throws.</summary>
    public static TokenResult Read(JsonElement claims, DateTimeOffset now)
    {
        if (!TryDate(claims, "exp", out var expires) || expires is not { } end)
            return new TokenResult.Refused("exp is missing or no date");
        if (!TryDate(claims, "nbf", out var notBefore))
            return new TokenResult.Refused("nbf is no date");
        if (
            !IsTextOrTexts(claims, "aud")
            || (claims.TryGetProperty("iss", out var issuer) && JsonText.Get(issuer) is null)
        )
            return new TokenResult.Refused("iss or aud is no text");
        if (JsonText.Get(claims, "sub") is not { } sub || !IdSyntax.IsValid(sub))
            return new TokenResult.Refused($"sub is not {IdSyntax.Rule}");
        if (notBefore - NotBeforeLeeway > now)
            return new TokenResult.Refused("nbf is yet to come");
        if (end <= now)
            return new TokenResult.Expired(end);
        return new TokenResult.Accepted(new(new(sub), Name(claims, sub), IsAdmin(claims), end));
    }

    /// <summary>False if it is there and no date.</summary>
    private static bool TryDate(JsonElement claims, string name, out DateTimeOffset? date)
    {
        date = null;
        if (!claims.TryGetProperty(name, out var value))
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds))
            return false;
        if (!(seconds >= 0 && seconds <= LatestDate))
            return false;
        date = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return true;
    }

    private static bool IsTextOrTexts(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value))
            return true;
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().All(item => JsonText.Get(item) is not null)
            : JsonText.Get(value) is not null;
    }

    /// <summary>A name is only shown, so a bad one locks nobody out: control characters go, and what is too long is cut.</summary>
    private static string Name(JsonElement claims, string sub)
    {
        var given = JsonText.Get(claims, "name") ?? "";
        var name = string.Concat(given.Where(c => !char.IsControl(c))).Trim();
        if (name.Length > MaxName)
            name = name[..(char.IsHighSurrogate(name[MaxName - 1]) ? MaxName - 1 : MaxName)];
        return name.Length > 0 ? name : sub;
    }

    /// <summary>Scopes are words in one text (RFC 8693 section 4.2); some issuers write a list of texts.</summary>
    private static bool IsAdmin(JsonElement claims)
    {
        if (!claims.TryGetProperty("scope", out var scope))
            return false;
        if (scope.ValueKind == JsonValueKind.Array)
            return scope.EnumerateArray().Any(item => JsonText.Get(item) == Identity.AdminScope);
        return JsonText.Get(scope)?.Split(' ').Contains(Identity.AdminScope, StringComparer.Ordinal) == true;
    }
}
