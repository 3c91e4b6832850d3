using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Calls.Protocol.Contract;
using Calls.Protocol.Wire.Fields;

namespace Calls.Protocol.Wire;

/// <summary>A converter that can say in JSON Schema what it writes: nobody else knows.</summary>
internal interface IDescribedConverter
{
    JsonObject Schema(SchemaBook book);
}

internal sealed class TimeConverter : JsonConverter<DateTimeOffset>, IDescribedConverter
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));

    public JsonObject Schema(SchemaBook book) =>
        new()
        {
            ["type"] = "string",
            ["format"] = "date-time",
            ["pattern"] = @"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
        };
}

internal sealed class IdConverter<T>(Func<string, T> make, Func<T, string> value)
    : JsonConverter<T>,
        IDescribedConverter
    where T : struct
{
    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        make(reader.GetString() ?? throw new JsonException("An id is null."));

    public override void Write(Utf8JsonWriter writer, T id, JsonSerializerOptions options) =>
        writer.WriteStringValue(value(id));

    public JsonObject Schema(SchemaBook book) => IdRule.Instance.Schema();
}

internal sealed class RequestIdConverter : JsonConverter<RequestId>, IDescribedConverter
{
    public override RequestId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        throw new NotSupportedException("Requests are read by RequestParser.");

    public override void Write(Utf8JsonWriter writer, RequestId id, JsonSerializerOptions options) =>
        writer.WriteRawValue(id.RawJson ?? "null", skipInputValidation: true);

    public JsonObject Schema(SchemaBook book) => RequestParser.RequestIdSchema();
}

/// <summary>A value that was serialised before.</summary>
/// <typeparam name="T">What it is.</typeparam>
public readonly record struct RawJson<T>(byte[] Utf8);

internal sealed class RawJsonConverter<T> : JsonConverter<RawJson<T>>, IDescribedConverter
{
    public override RawJson<T> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        throw new NotSupportedException("Only written.");

    public override void Write(Utf8JsonWriter writer, RawJson<T> value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8, skipInputValidation: true);

    public JsonObject Schema(SchemaBook book) => typeof(T) == typeof(object) ? [] : book.Reference(typeof(T));
}
