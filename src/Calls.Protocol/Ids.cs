using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Calls.Protocol;

/// <summary>What every id on the wire has in common: 1 to 64 characters of <c>A-Z a-z 0-9 _ . : -</c>.</summary>
public static class IdSyntax
{
    /// <summary>Longest id, in characters; it bounds keys, log lines and SDP attributes.</summary>
    public const int MaxLength = 64;

    /// <summary>The rule in words, for error messages.</summary>
    public const string Rule = "1 to 64 characters of A-Z a-z 0-9 _ . : -";

    /// <summary>The same as a regular expression (ECMA-262, as JSON Schema has them).</summary>
    public const string Pattern = "^[A-Za-z0-9_.:-]+$";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"
    );

    /// <summary>Whether <paramref name="text"/> may be an id.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed);
}

/// <summary>A person, as the chat app names them (the token's <c>sub</c>).</summary>
public readonly record struct UserId(string Value) : IComparable<UserId>
{
    public int CompareTo(UserId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>One device of a user, chosen by the client and stable across reconnects.</summary>
public readonly record struct DeviceId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A DM or group DM; also the id of its media room.</summary>
public readonly record struct ChannelId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>One ringing-to-ended episode in a channel.</summary>
public readonly record struct CallId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>One peer connection between one device and the SFU.</summary>
public readonly record struct SessionId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Chosen by the client; a command repeated with the same one takes effect once.</summary>
public readonly record struct CommandId(string Value)
{
    public override string ToString() => Value;
}
