using Calls.Protocol;

namespace Calls.Host.Auth;

/// <summary>Who a token speaks for.</summary>
/// <param name="UserId">The token's <c>sub</c>.</param>
/// <param name="Name">What others see: the token's <c>name</c>, else the user id.</param>
/// <param name="IsAdmin">Whether <c>scope</c> contains <see cref="AdminScope"/>.</param>
/// <param name="ExpiresAt">From this moment on the token is worth nothing.</param>
public sealed record Identity(UserId UserId, string Name, bool IsAdmin, DateTimeOffset ExpiresAt)
{
    /// <summary>What <c>/api/admin</c> asks for.</summary>
    public const string AdminScope = "calls:admin";
}

/// <summary>What became of a token.</summary>
public abstract record TokenResult
{
    private TokenResult() { }

    /// <summary>It is good until <see cref="Identity.ExpiresAt"/>.</summary>
    public sealed record Accepted(Identity Identity) : TokenResult;

    /// <summary>It was good once: signature, issuer and audience are in order, only its time is over.</summary>
    public sealed record Expired(DateTimeOffset At) : TokenResult;

    /// <summary>It is not good.</summary>
    /// <param name="Reason">For the log alone; who sends a forged token is not helped to a better one.</param>
    public sealed record Refused(string Reason) : TokenResult;

    /// <summary>What a client hears with <c>unauthenticated</c>.</summary>
    public const string RefusedMessage = "The token is not accepted.";

    /// <summary>What a client hears with <c>token_expired</c>.</summary>
    public const string ExpiredMessage = "The token has expired.";
}
