using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Calls.Host.Settings;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Nodes;

/// <summary>The STUN and TURN servers as users are told of them: with the fixed credentials of the settings, or with ones made for the user and for a time.</summary>
internal sealed class IceServerList(IReadOnlyList<IceServer> servers, TimeProvider time)
{
    /// <summary>For one user, from now on.</summary>
    public IReadOnlyList<IceServerView> For(UserId user) => [.. servers.Select(server => View(server, user))];

    private IceServerView View(IceServer server, UserId user)
    {
        if (server.Secret is not { } secret)
            return new([.. server.Urls], server.Username, server.Credential?.Value);
        var username = UsernameOf(user, time.GetUtcNow() + server.Lifetime);
        return new([.. server.Urls], username, PasswordOf(username, secret.Value));
    }

    // draft-uberti-behave-turn-rest-00 section 2.2, which is what TURN servers call "REST API": when it ends, in seconds
    // since 1970, and who it was made for.
    private static string UsernameOf(UserId user, DateTimeOffset ends) =>
        string.Create(CultureInfo.InvariantCulture, $"{ends.ToUnixTimeSeconds()}:{user.Value}");

    [SuppressMessage(
        "Security",
        "CA5350:Do Not Use Weak Cryptographic Algorithms",
        Justification = "The scheme asks for it; as a keyed code SHA-1 is as good as ever (RFC 6194 section 3.3)."
    )]
    private static string PasswordOf(string username, string secret) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
}
