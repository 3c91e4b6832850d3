using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Calls.Protocol.Wire;

/// <summary>Writes what goes out, and the journal's events both ways: snake_case, RFC 3339 UTC with milliseconds, ids as plain strings.</summary>
public static class WireJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The one set of rules.</summary>
    public static readonly JsonSerializerOptions Options = MakeOptions();

    /// <summary>A server event as UTF-8.</summary>
    public static byte[] Write(ServerEvent message) => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    /// <summary>Any view as UTF-8; events go through <see cref="Write"/>, which names their type.</summary>
    public static byte[] WriteView<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary><c>{"type":"reply","id":…,"result":…}</c> around a result that is JSON already.</summary>
    public static byte[] WriteReply(RequestId id, ReadOnlySpan<byte> result) =>
        Build(
            id,
            "reply",
            result,
            static (writer, json) =>
            {
                writer.WritePropertyName("result");
                writer.WriteRawValue(json, skipInputValidation: true);
            }
        );

    /// <summary><c>{"type":"error",…}</c>; <paramref name="extra"/> is an object whose fields are added, or empty.</summary>
    public static byte[] WriteError(
        RequestId id,
        Refusal refusal,
        ReadOnlySpan<byte> call = default,
        int? retryAfterMs = null
    )
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = Start(buffer, id, "error"))
        {
            writer.WriteString("code", refusal.Code.ToWire());
            writer.WriteString("message", refusal.Message);
            WriteErrorExtras(writer, call, retryAfterMs);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The REST form of an error: <c>{"error":"…","code":"…"}</c>.</summary>
    public static byte[] WriteRestError(Refusal refusal, ReadOnlySpan<byte> call = default, int? retryAfterMs = null)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("error", refusal.Message);
            writer.WriteString("code", refusal.Code.ToWire());
            WriteErrorExtras(writer, call, retryAfterMs);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

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

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private delegate void Body(Utf8JsonWriter writer, ReadOnlySpan<byte> json);

    private static byte[] Build(RequestId id, string type, ReadOnlySpan<byte> json, Body body)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(json.Length + 64);
        using (var writer = Start(buffer, id, type))
        {
            body(writer, json);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static Utf8JsonWriter Start(System.Buffers.IBufferWriter<byte> buffer, RequestId id, string type)
    {
        var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("type", type);
        if (id.RawJson is { } raw)
        {
            writer.WritePropertyName("id");
            writer.WriteRawValue(raw, skipInputValidation: true);
        }
        return writer;
    }

    private static void WriteErrorExtras(Utf8JsonWriter writer, ReadOnlySpan<byte> call, int? retryAfterMs)
    {
        if (!call.IsEmpty)
        {
            writer.WritePropertyName("call");
            writer.WriteRawValue(call, skipInputValidation: true);
        }
        if (retryAfterMs is { } ms)
            writer.WriteNumber("retry_after_ms", ms);
    }

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.Converters.Add(new TimeConverter());
        options.Converters.Add(new IdConverter<UserId>(v => new UserId(v), id => id.Value));
        options.Converters.Add(new IdConverter<DeviceId>(v => new DeviceId(v), id => id.Value));
        options.Converters.Add(new IdConverter<ChannelId>(v => new ChannelId(v), id => id.Value));
        options.Converters.Add(new IdConverter<CallId>(v => new CallId(v), id => id.Value));
        options.Converters.Add(new IdConverter<SessionId>(v => new SessionId(v), id => id.Value));
        options.Converters.Add(new RequestIdConverter());
        return options;
    }

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(
                value.UtcDateTime.ToString(TimeFormat, System.Globalization.CultureInfo.InvariantCulture)
            );
    }

    private sealed class IdConverter<T>(Func<string, T> make, Func<T, string> value) : JsonConverter<T>
        where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            make(reader.GetString() ?? throw new JsonException("An id is null."));

        public override void Write(Utf8JsonWriter writer, T id, JsonSerializerOptions options) =>
            writer.WriteStringValue(value(id));
    }

    private sealed class RequestIdConverter : JsonConverter<RequestId>
    {
        public override RequestId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            throw new NotSupportedException("Requests are read by RequestParser.");

        public override void Write(Utf8JsonWriter writer, RequestId id, JsonSerializerOptions options) =>
            writer.WriteRawValue(id.RawJson ?? "null", skipInputValidation: true);
    }
}
