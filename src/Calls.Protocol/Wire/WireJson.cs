using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Calls.Protocol.Wire;

/// <summary>Writes what goes out, and the journal's events both ways: snake_case, RFC 3339 UTC with milliseconds, ids as plain strings.</summary>
public static class WireJson
{
    /// <summary>The one set of rules.</summary>
    public static readonly JsonSerializerOptions Options = MakeOptions();

    /// <summary>A server event as UTF-8.</summary>
    public static byte[] Write(ServerEvent message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    /// <summary>Any view as UTF-8; events go through <see cref="Write"/>, which names their type.</summary>
    public static byte[] WriteView<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary><c>{"type":"reply","id":…,"result":…}</c> around a result that is JSON already.</summary>
    public static byte[] WriteReply(RequestId id, byte[] result) =>
        Write(new ReplyMessage(Given(id), new RawJson<object>(result)));

    /// <summary><c>{"type":"error",…}</c>.</summary>
    public static byte[] WriteError(RequestId id, Refusal refusal, byte[]? call = null, int? retryAfterMs = null) =>
        Write(new ErrorMessage(Given(id), refusal.Code, refusal.Message, Raw(call), retryAfterMs));

    /// <summary>The REST form of an error: <c>{"error":"…","code":"…"}</c>.</summary>
    public static byte[] WriteRestError(Refusal refusal, byte[]? call = null, int? retryAfterMs = null) =>
        WriteView(new RestErrorView(refusal.Message, refusal.Code, Raw(call), retryAfterMs));

    /// <summary>A journal entry's payload.</summary>
    public static byte[] WriteEvent(CallEvent happened) => JsonSerializer.SerializeToUtf8Bytes(happened, Options);

    /// <summary>The event in a journal entry.</summary>
    /// <exception cref="JsonException">Not an event of this or an earlier version of the software.</exception>
    public static CallEvent ReadEvent(ReadOnlySpan<byte> payload) =>
        JsonSerializer.Deserialize<CallEvent>(payload, Options) ?? throw new JsonException("The journal holds null.");

    /// <summary>An ended call from a history.</summary>
    /// <exception cref="JsonException">Not one of this or an earlier version of the software.</exception>
    public static EndedCall ReadEndedCall(ReadOnlySpan<byte> payload) =>
        JsonSerializer.Deserialize<EndedCall>(payload, Options) ?? throw new JsonException("The history holds null.");

    private static byte[] Write(AnswerMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    private static RequestId? Given(RequestId id) => id.RawJson is null ? null : id;

    private static RawJson<CallView>? Raw(byte[]? call) => call is null ? null : new RawJson<CallView>(call);

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.Converters.Add(new TimeConverter());
        options.Converters.Add(new IdConverter<UserId>(v => new UserId(v), id => id.Value));
        options.Converters.Add(new IdConverter<DeviceId>(v => new DeviceId(v), id => id.Value));
        options.Converters.Add(new IdConverter<ChannelId>(v => new ChannelId(v), id => id.Value));
        options.Converters.Add(new IdConverter<CallId>(v => new CallId(v), id => id.Value));
        options.Converters.Add(new IdConverter<SessionId>(v => new SessionId(v), id => id.Value));
        options.Converters.Add(new RequestIdConverter());
        options.Converters.Add(new RawJsonConverter<object>());
        options.Converters.Add(new RawJsonConverter<CallView>());
        return options;
    }
}
