using System.Text.Json;

namespace Calls.Caller.Signalling;

/// <summary>An event of the server (protocol §2).</summary>
/// <param name="Type">Its <c>type</c>.</param>
/// <param name="Body">All of it.</param>
public sealed record SignalledEvent(string Type, JsonElement Body)
{
    /// <summary>When it came, by <see cref="CallerLoop.Now"/>.</summary>
    public TimeSpan At { get; init; }

    /// <summary>A field's text, or null where it is missing or null.</summary>
    public string? this[string field] =>
        Body.ValueKind == JsonValueKind.Object
        && Body.TryGetProperty(field, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? value.ToString()
            : null;

    /// <summary>The channel it is about.</summary>
    public string? ChannelId => this["channel_id"];

    /// <summary>The user it is about.</summary>
    public string? UserId => this["user_id"];

    /// <summary>The version of the call's state that it made, if it is about one.</summary>
    public long? Version =>
        Body.TryGetProperty("version", out var version) && version.TryGetInt64(out var number) ? number : null;
}

/// <summary>The server refused a request.</summary>
public sealed class CallRefusedException(string code, string message, JsonElement body)
    : Exception($"{code}: {message}")
{
    /// <summary>The error's code (protocol §2).</summary>
    public string Code { get; } = code;

    /// <summary>The whole error; some carry more, as <c>call</c> or <c>retry_after_ms</c>.</summary>
    public JsonElement Body { get; } = body;
}

/// <summary>The connection ended.</summary>
/// <param name="Code">The close code, or null if there was none: the connection broke.</param>
/// <param name="Description">What the server or the network said.</param>
public sealed record SignallingEnd(int? Code, string? Description);
