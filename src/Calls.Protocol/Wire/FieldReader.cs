using System.Collections.Immutable;
using System.Text.Json;

namespace Calls.Protocol.Wire;

/// <summary>Reads the fields of one JSON object and keeps the first thing that is wrong, in words that name the field.</summary>
/// <param name="json">The object.</param>
/// <param name="elsewhere">Ids that stand elsewhere than in the object, which then has no say in them; null for one left out.</param>
public ref struct FieldReader(JsonElement json, ReadOnlySpan<(string Name, string? Id)> elsewhere)
{
    private readonly ReadOnlySpan<(string Name, string? Id)> _elsewhere = elsewhere;

    /// <summary>The first error; null while all is well.</summary>
    public Refusal? Error { get; private set; }

    public ChannelId Channel() => new(Id("channel_id"));

    public SessionId Session() => new(Id("session_id"));

    public CommandId? Command() => OptionalId("command_id") is { } id ? new CommandId(id) : null;

    public DeviceId? Device() => OptionalId("device_id") is { } id ? new DeviceId(id) : null;

    public CallMedia Media()
    {
        if (Find("media", JsonValueKind.String) is not { } value)
            return CallMedia.Audio;
        // What is no text is read as the empty string, which is neither.
        _ = TryGetString(value, out var media);
        return media switch
        {
            "audio" => CallMedia.Audio,
            "video" => CallMedia.Video,
            _ => Fail<CallMedia>("media", "must be \"audio\" or \"video\""),
        };
    }

    public VoiceChange Voice()
    {
        var change = new VoiceChange(Flag("muted"), Flag("deafened"), Flag("video"), Flag("screen"));
        if (change.IsEmpty)
            Fail<object>("muted", "is missing: give at least one of muted, deafened, video, screen");
        return change;
    }

    public ImmutableArray<UserId>? Users(string name, int max)
    {
        if (Find(name, JsonValueKind.Array) is not { } list)
            return null;
        var users = ImmutableArray.CreateBuilder<UserId>();
        foreach (var item in list.EnumerateArray())
        {
            if (users.Count == max)
                return Fail<ImmutableArray<UserId>?>(name, $"must hold at most {max} user ids");
            if (item.ValueKind != JsonValueKind.String || !TryGetString(item, out var id) || !IdSyntax.IsValid(id))
                return Fail<ImmutableArray<UserId>?>(name, $"must hold user ids: {IdSyntax.Rule}");
            users.Add(new UserId(id));
        }
        return users.Count > 0 ? users.ToImmutable() : Fail<ImmutableArray<UserId>?>(name, "must not be empty");
    }

    /// <summary>A required, non-empty string of at most <paramref name="max"/> characters.</summary>
    public string Text(string name, int max)
    {
        if (Find(name, JsonValueKind.String) is not { } value)
        {
            Fail<string>(name, "is missing");
            return "";
        }
        if (!TryGetString(value, out var text) || text.Length is 0 || text.Length > max)
            Error ??= Refusals.Invalid(name, $"must be a string of 1 to {max} characters");
        return text;
    }

    /// <summary>A required integer from 1 on.</summary>
    public int Positive(string name)
    {
        if (Find(name, JsonValueKind.Number) is not { } value)
            return Fail<int>(name, "is missing");
        return value.TryGetInt32(out var number) && number > 0
            ? number
            : Fail<int>(name, "must be an integer from 1 on");
    }

    private string Id(string name)
    {
        return OptionalId(name) ?? Fail<string>(name, $"is missing: an id of {IdSyntax.Rule}") ?? "";
    }

    private string? OptionalId(string name)
    {
        foreach (var (given, id) in _elsewhere)
        {
            if (given == name)
                return id is null ? null : Checked(name, id);
        }
        if (Find(name, JsonValueKind.String) is not { } value)
            return null;
        // What is no text is read as the empty string, which is no id.
        _ = TryGetString(value, out var text);
        return Checked(name, text);
    }

    private string? Checked(string name, string id) =>
        IdSyntax.IsValid(id) ? id : Fail<string>(name, $"must be an id of {IdSyntax.Rule}");

    private bool? Flag(string name)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => Fail<bool?>(name, "must be true or false"),
        };
    }

    private JsonElement? Find(string name, JsonValueKind kind)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == kind
            ? value
            : Fail<JsonElement?>(
                name,
                $"must be {(kind == JsonValueKind.Array ? "an array" : $"a {kind}".ToLowerInvariant())}"
            );
    }

    /// <summary>False for a string with lone surrogates, which JSON can escape but UTF-8 cannot hold.</summary>
    public static bool TryGetString(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private T? Fail<T>(string field, string rule)
    {
        Error ??= Refusals.Invalid(field, rule);
        return default;
    }
}
