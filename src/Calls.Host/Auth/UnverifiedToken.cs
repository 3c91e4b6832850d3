using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Calls.Host.Auth;

/// <summary>
/// A token taken apart, its signature not looked at yet. The JWT library is old, so nothing reaches it that did not pass
/// here: three parts (five would be an encrypted token, RFC 7516), an accepted algorithm, small and shallow JSON.
/// </summary>
/// <param name="Algorithm">The header's <c>alg</c>, one of the accepted ones.</param>
/// <param name="KeyId">The header's <c>kid</c>, or null.</param>
/// <param name="Claims">The payload, an object.</param>
internal sealed record UnverifiedToken(string Algorithm, string? KeyId, JsonElement Claims)
{
    /// <summary>Longest token, in characters. Real ones have about 500; headers of 8 KB are what web servers commonly take.</summary>
    public const int MaxLength = 8_192;

    /// <summary>Longest <c>kid</c>: it goes to the log.</summary>
    private const int MaxKeyId = 256;

    private const int MaxDepth = 16;

    // A name given twice could be read as the one value here and as the other in the library.
    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
    };

    /// <summary>Takes a token apart; never throws.</summary>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out UnverifiedToken? token,
        [NotNullWhen(false)] out string? problem
    )
    {
        token = null;
        if (text is null || text.Length > MaxLength)
            return Fail($"no token, or one longer than {MaxLength} characters", out problem);
        var parts = text.Split('.');
        if (parts.Length != 3)
            return Fail($"{parts.Length} parts in place of 3", out problem);
        if (!TryReadJson(parts[0], out var header))
            return Fail("the header is no JSON object in base64url", out problem);
        var algorithm = JsonText.Get(header, "alg");
        if (!TokenAlgorithms.IsAccepted(algorithm))
            return Fail("the algorithm is none of HS256, RS256, ES256", out problem);
        // An extension that must be understood, and is not (RFC 7515 section 4.1.11).
        if (header.TryGetProperty("crit", out _))
            return Fail("the header has crit", out problem);
        var keyId = JsonText.Get(header, "kid");
        if (header.TryGetProperty("kid", out _) && keyId is not { Length: <= MaxKeyId })
            return Fail($"the kid is no text of at most {MaxKeyId} characters", out problem);
        if (!TryReadJson(parts[1], out var claims))
            return Fail("the payload is no JSON object in base64url", out problem);
        if (parts[2].Length == 0 || !Base64Url.IsValid(parts[2]))
            return Fail("no signature in base64url", out problem);
        token = new(algorithm!, keyId, claims);
        problem = null;
        return true;
    }

    private static bool TryReadJson(string part, out JsonElement json)
    {
        json = default;
        if (part.Length == 0 || !Base64Url.IsValid(part))
            return false;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
            json = document.RootElement.Clone();
            return json.ValueKind == JsonValueKind.Object;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static bool Fail(string reason, out string problem)
    {
        problem = reason;
        return false;
    }
}
