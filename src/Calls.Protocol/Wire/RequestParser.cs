using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Protocol.Wire.Fields;

namespace Calls.Protocol.Wire;

/// <summary>One client message, read: the request, or what is wrong with it. The id is there in both cases if it could be read.</summary>
public readonly record struct ParsedRequest(RequestId Id, Request? Request, Refusal? Error);

/// <summary>Reads client messages. Never throws, whatever the bytes; time and memory are linear in their number.</summary>
public static class RequestParser
{
    /// <summary>Largest message in bytes: an SDP answer of 25 m-lines has about 20 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Deepest nesting that is read.</summary>
    public const int MaxDepth = 64;

    /// <summary>Longest <c>id</c>, in characters.</summary>
    public const int MaxRequestIdLength = 64;

    /// <summary>Longest token; one with many claims has 2 KiB.</summary>
    public const int MaxTokenLength = 8 * 1024;

    private static readonly FrozenDictionary<string, ObjectReader<Request>> Readers = new Dictionary<
        string,
        ObjectReader<Request>
    >(StringComparer.Ordinal)
    {
        ["authenticate"] = (ref f) => new AuthenticateRequest(f.Text("token", MaxTokenLength), f.Device()),
        ["ping"] = (ref _) => new PingRequest(),
        ["call_get"] = (ref f) => new CallGetRequest(f.Channel()),
        ["call_start"] = (ref f) => new CallStartRequest(f.Channel(), f.Media()) { Command = f.Command() },
        ["call_join"] = (ref f) => new CallJoinRequest(f.Channel()) { Command = f.Command() },
        ["call_decline"] = (ref f) => new CallDeclineRequest(f.Channel()) { Command = f.Command() },
        ["call_dismiss"] = (ref f) => new CallDismissRequest(f.Channel()) { Command = f.Command() },
        ["call_leave"] = (ref f) => new CallLeaveRequest(f.Channel()) { Command = f.Command() },
        ["call_end"] = (ref f) => new CallEndRequest(f.Channel()) { Command = f.Command() },
        ["call_ring"] = (ref f) =>
            new CallRingRequest(f.Channel(), f.Users("user_ids", Protocol.Channel.MaxMembers))
            {
                Command = f.Command(),
            },
        ["voice_state"] = (ref f) => new VoiceStateRequest(f.Channel(), f.Voice()) { Command = f.Command() },
        ["media_answer"] = (ref f) =>
            new MediaAnswerRequest(f.Channel(), f.Session(), f.Positive("revision"), f.Text("sdp", MaxBytes)),
        ["media_restart"] = (ref f) => new MediaRestartRequest(f.Channel()) { Command = f.Command() },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names of all requests, as they stand in <c>type</c>.</summary>
    public static IReadOnlyCollection<string> Types => Readers.Keys;

    /// <summary>The fields that are read for a request, besides <c>type</c> and <c>id</c>.</summary>
    /// <param name="type">One of <see cref="Types"/>.</param>
    public static FieldList FieldsOf(string type) => FieldList.Of(Readers[type]);

    /// <summary>The name of a request's type on the wire.</summary>
    public static string NameOf(Request request) => NameOf(request.GetType());

    /// <summary>The name on the wire of a type of request.</summary>
    public static string NameOf(Type request) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(request.Name[..^nameof(Request).Length]);

    /// <summary>Reads one message.</summary>
    public static ParsedRequest Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Parse(document.RootElement);
        }
        catch (JsonException e)
        {
            var where = e.BytePositionInLine is { } at ? $" (near byte {at})" : "";
            return Fail(
                default,
                new Refusal(ErrorCode.InvalidMessage, $"Not a JSON object of at most {MaxDepth} levels{where}.")
            );
        }
        catch (InvalidOperationException)
        {
            // JSON can escape half a surrogate pair in a name, too (RFC 8259 §8.2), and looking for a field unescapes it.
            return Fail(default, new Refusal(ErrorCode.InvalidMessage, "A field's name in the message is no text."));
        }
    }

    /// <summary>Reads a request of a known type: the REST way in.</summary>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="json">An object with the request's fields, without <c>type</c> and <c>id</c>.</param>
    /// <param name="elsewhere">Ids that do not stand in the object but in a path or a header; null for one left out.</param>
    public static ParsedRequest Parse(
        string type,
        JsonElement json,
        params ReadOnlySpan<(string Name, string? Id)> elsewhere
    )
    {
        var fields = new FieldReader(json, elsewhere);
        var request = Readers[type](ref fields);
        return new ParsedRequest(default, fields.Error is null ? request : null, fields.Error);
    }

    private static ParsedRequest Parse(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return Fail(default, new Refusal(ErrorCode.InvalidMessage, "A message must be a JSON object."));
        if (!TryReadId(json, out var id))
            return Fail(
                default,
                Refusals.Invalid("id", $"must be an integer or a string of 1 to {MaxRequestIdLength} characters")
            );
        if (!json.TryGetProperty("type", out var type) || !JsonText.TryRead(type, out var name))
            return Fail(id, Refusals.Invalid("type", "is missing: the name of a request"));
        if (!Readers.TryGetValue(name, out _))
        {
            var shown = name.Length > 64 ? name[..64] + "…" : name;
            return Fail(id, new Refusal(ErrorCode.UnknownType, $"There is no request '{shown}'."));
        }
        return Parse(name, json) with { Id = id };
    }

    /// <summary>What may be a request's <c>id</c>, as JSON Schema.</summary>
    public static JsonObject RequestIdSchema() =>
        new()
        {
            ["anyOf"] = new JsonArray(
                new TextRule(MaxRequestIdLength).Schema(),
                new JsonObject
                {
                    ["type"] = "integer",
                    ["minimum"] = long.MinValue,
                    ["maximum"] = long.MaxValue,
                }
            ),
        };

    private static bool TryReadId(JsonElement json, out RequestId id)
    {
        id = default;
        if (!json.TryGetProperty("id", out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        var wellFormed = value.ValueKind switch
        {
            JsonValueKind.String => JsonText.TryRead(value, out var text)
                && text.Length is > 0 and <= MaxRequestIdLength,
            JsonValueKind.Number => value.TryGetInt64(out _),
            _ => false,
        };
        if (wellFormed)
            id = new RequestId(value.GetRawText());
        return wellFormed;
    }

    private static ParsedRequest Fail(RequestId id, Refusal error) => new(id, null, error);
}
