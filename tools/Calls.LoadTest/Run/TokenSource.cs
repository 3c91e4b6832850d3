using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.LoadTest.Options;

namespace Calls.LoadTest.Run;

/// <summary>Gives tokens: signed with the secret that the service takes, or as the service's own <c>POST /dev/token</c> gives them.</summary>
internal sealed class TokenSource(LoadOptions options, Uri service, HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(25); // longer than the longest run

    private readonly byte[]? _key = options.TokenKey is { } key ? Encoding.UTF8.GetBytes(ReadKey(key)) : null;

    /// <summary>A token for a user.</summary>
    public Task<string> For(string userId, bool admin = false) =>
        _key is null ? Ask(userId, admin) : Task.FromResult(Sign(userId, admin, _key));

    private string Sign(string userId, bool admin, byte[] key)
    {
        var claims = new JsonObject
        {
            ["sub"] = userId,
            ["name"] = userId,
            ["exp"] = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds(),
        };
        if (admin)
            claims["scope"] = "calls:admin";
        if (options.Issuer is { } issuer)
            claims["iss"] = issuer;
        if (options.Audience is { } audience)
            claims["aud"] = audience;
        var signed =
            Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)
            + "."
            + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    private async Task<string> Ask(string userId, bool admin)
    {
        var wish = new
        {
            user_id = userId,
            name = userId,
            admin,
            ttl_secs = Lifetime.TotalSeconds,
        };
        using var response = await http.PostAsJsonAsync(new Uri(service, "/dev/token"), wish);
        if (!response.IsSuccessStatusCode)
        {
            throw new LoadTestException(
                $"{service}dev/token answers {(int)response.StatusCode}: it gives tokens in Development only; elsewhere name the secret with --token-key."
            );
        }
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    // As the service's own setting: the secret itself, or file:/path.
    private static string ReadKey(string text)
    {
        if (!text.StartsWith("file:/", StringComparison.Ordinal))
            return text;
        try
        {
            return File.ReadAllText(text["file:".Length..].Replace("///", "/", StringComparison.Ordinal)).TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadTestException($"--token-key {text} cannot be read: {e.Message}", e);
        }
    }
}
