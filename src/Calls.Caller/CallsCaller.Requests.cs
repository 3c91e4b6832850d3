using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Caller.Signalling;

namespace Calls.Caller;

/// <content>The requests of the protocol. A refusal is a <see cref="CallRefusedException"/>.</content>
public sealed partial class CallsCaller
{
    /// <summary>Starts a call.</summary>
    public Task<JsonElement> Start(string channelId, string? media = null, string? commandId = null) =>
        Request("call_start", Fields(channelId, commandId, ("media", media)));

    /// <summary>Joins the call.</summary>
    public Task<JsonElement> Join(string channelId, string? commandId = null) =>
        Request("call_join", Fields(channelId, commandId));

    /// <summary>Declines the call.</summary>
    public Task<JsonElement> Decline(string channelId, string? commandId = null) =>
        Request("call_decline", Fields(channelId, commandId));

    /// <summary>Stops the ringing on all own devices.</summary>
    public Task<JsonElement> Dismiss(string channelId, string? commandId = null) =>
        Request("call_dismiss", Fields(channelId, commandId));

    /// <summary>Leaves the call and ends the media.</summary>
    public async Task<JsonElement> Leave(string channelId, string? commandId = null)
    {
        var result = await Request("call_leave", Fields(channelId, commandId));
        Media.Close();
        return result;
    }

    /// <summary>Ends the call for all.</summary>
    public Task<JsonElement> EndCall(string channelId, string? commandId = null) =>
        Request("call_end", Fields(channelId, commandId));

    /// <summary>Rings again those who are not in the call.</summary>
    public Task<JsonElement> Ring(string channelId, IEnumerable<string>? userIds = null, string? commandId = null) =>
        Request(
            "call_ring",
            Fields(
                channelId,
                commandId,
                ("user_ids", userIds is null ? null : new JsonArray([.. userIds.Select(u => JsonValue.Create(u))]))
            )
        );

    /// <summary>Looks at the call; the result's <c>call</c> may be null.</summary>
    public Task<JsonElement> Get(string channelId) => Request("call_get", Fields(channelId, null));

    /// <summary>Changes the voice state; what is null stays.</summary>
    public Task<JsonElement> VoiceState(
        string channelId,
        bool? muted = null,
        bool? deafened = null,
        bool? video = null,
        bool? screen = null,
        string? commandId = null
    ) =>
        Request(
            "voice_state",
            Fields(channelId, commandId, ("muted", muted), ("deafened", deafened), ("video", video), ("screen", screen))
        );

    /// <summary>Asks for a new media session.</summary>
    public Task<JsonElement> RestartMedia(string channelId) => Request("media_restart", Fields(channelId, null));

    /// <summary>Sends any request.</summary>
    /// <exception cref="CallRefusedException">The server answered with an error.</exception>
    public Task<JsonElement> Request(string type, JsonObject fields) =>
        Connection.Request(type, fields, _options.Deadline);

    /// <summary>Sends any text as a frame, well-formed or not.</summary>
    public Task SendRaw(string text) => Connection.Send(System.Text.Encoding.UTF8.GetBytes(text));

    private static JsonObject Fields(string channelId, string? commandId, params (string Name, JsonNode? Value)[] more)
    {
        var fields = new JsonObject { ["channel_id"] = channelId };
        foreach (var (name, value) in more.Append(("command_id", commandId)))
        {
            if (value is not null)
            {
                fields[name] = value;
            }
        }

        return fields;
    }
}
