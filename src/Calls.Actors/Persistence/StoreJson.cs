using System.Text.Json;
using System.Text.Json.Serialization;
using Calls.Actors.Cluster;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;

namespace Calls.Actors.Persistence;

/// <summary>The stores' own JSON, compact: ids as plain strings, enums by name, no nulls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [
        typeof(UserIdConverter),
        typeof(DeviceIdConverter),
        typeof(ChannelIdConverter),
        typeof(CallIdConverter),
        typeof(SessionIdConverter),
        typeof(CommandIdConverter),
    ]
)]
[JsonSerializable(typeof(Channel))]
[JsonSerializable(typeof(CurrentCall))]
[JsonSerializable(typeof(CallSettings))]
[JsonSerializable(typeof(Dismissal))]
[JsonSerializable(typeof(UserCall))]
[JsonSerializable(typeof(NodeRecord))]
[JsonSerializable(typeof(Change))]
internal sealed partial class StoreJson : JsonSerializerContext;

internal abstract class IdConverter<T>(Func<string, T> make, Func<T, string> value) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        make(reader.GetString() ?? throw new JsonException("An id is null."));

    public override void Write(Utf8JsonWriter writer, T id, JsonSerializerOptions options) =>
        writer.WriteStringValue(value(id));
}

internal sealed class UserIdConverter() : IdConverter<UserId>(s => new(s), id => id.Value);

internal sealed class DeviceIdConverter() : IdConverter<DeviceId>(s => new(s), id => id.Value);

internal sealed class ChannelIdConverter() : IdConverter<ChannelId>(s => new(s), id => id.Value);

internal sealed class CallIdConverter() : IdConverter<CallId>(s => new(s), id => id.Value);

internal sealed class SessionIdConverter() : IdConverter<SessionId>(s => new(s), id => id.Value);

internal sealed class CommandIdConverter() : IdConverter<CommandId>(s => new(s), id => id.Value);
