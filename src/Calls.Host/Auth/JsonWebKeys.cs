using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Calls.Host.Auth;

/// <summary>A JWK set, or a single JWK (RFC 7517).</summary>
internal static class JsonWebKeys
{
    /// <summary>Adds the keys it can use and passes over the others (RFC 7517 section 5); says what is wrong if none is left.</summary>
    public static string? Read(string json, List<TokenKey> keys)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (!root.TryGetProperty("keys", out var set))
                return ReadOne(root, keys) ?? (keys.Count > 0 ? null : "the JWK is none for HS256, RS256 or ES256");
            if (set.ValueKind != JsonValueKind.Array)
                return "\"keys\" of the JWKS is not a list";
            foreach (var key in set.EnumerateArray())
            {
                if (key.ValueKind == JsonValueKind.Object && ReadOne(key, keys) is { } problem)
                    return problem;
            }
            return keys.Count > 0 ? null : "the JWKS holds no key for HS256, RS256 or ES256";
        }
        catch (Exception e)
            when (e is JsonException or FormatException or CryptographicException or InvalidOperationException)
        {
            // The message of the exception might quote what it could not read.
            return "it begins like a JWKS but is not one, or holds a broken key";
        }
    }

    private static string? ReadOne(JsonElement key, List<TokenKey> keys)
    {
        var (type, algorithm) = (Text(key, "kty"), Text(key, "alg"));
        var expected = type switch
        {
            "oct" => TokenAlgorithms.Hs256,
            "RSA" => TokenAlgorithms.Rs256,
            "EC" => TokenAlgorithms.Es256,
            _ => null,
        };
        var isForSigning = Text(key, "use") is null or "sig";
        if (expected is null || !isForSigning || (algorithm ?? expected) != expected)
            return null;
        // "d" is the private part of both RSA and EC keys (RFC 7518 sections 6.2.2 and 6.3.2).
        if (type != "oct" && key.TryGetProperty("d", out _))
            return "the JWKS holds a private key; only public ones belong here";
        var id = Text(key, "kid");
        return type switch
        {
            "oct" => TokenKeyReader.AddSecret(Bytes(key, "k"), id, keys),
            "RSA" => TokenKeyReader.AddRsa(new() { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") }, id, keys),
            // Other curves are for algorithms that this service does not speak.
            _ => Text(key, "crv") != "P-256" ? null : TokenKeyReader.AddEc(Point(key), id, keys),
        };
    }

    private static ECParameters Point(JsonElement key) =>
        new()
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Bytes(key, "x"), Y = Bytes(key, "y") },
        };

    private static byte[] Bytes(JsonElement key, string name) =>
        Text(key, name) is { Length: > 0 } text
            ? Base64Url.DecodeFromChars(text)
            : throw new FormatException($"the JWK has no {name}");

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
