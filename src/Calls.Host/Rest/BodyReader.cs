using System.Collections.Immutable;
using System.Text.Json;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>Reads the fields of an admin request and keeps the first thing that is wrong, in words that name the field.</summary>
internal sealed class BodyReader(JsonElement body)
{
    /// <summary>Longest display name, in characters.</summary>
    public const int MaxNameLength = 128;

    public Refusal? Error { get; private set; }

    public ChannelKind Kind(string field) =>
        Text(Field(body, field)) switch
        {
            "direct" => ChannelKind.Direct,
            "group" => ChannelKind.Group,
            _ => Fail<ChannelKind>(field, "must be \"direct\" or \"group\""),
        };

    public ImmutableArray<Member> Members(string field, bool required)
    {
        var list = Field(body, field);
        if (list is null && !required)
            return [];
        if (list is not { ValueKind: JsonValueKind.Array })
            return Fail<ImmutableArray<Member>>(field, "must be an array of members");
        if (list.Value.GetArrayLength() > Channel.MaxMembers)
            return Fail<ImmutableArray<Member>>(field, $"must hold at most {Channel.MaxMembers} members");
        var members = list
            .Value.EnumerateArray()
            .Select((item, i) => ReadMember($"{field}[{i}]", item))
            .ToImmutableArray();
        if (Error is null && members.DistinctBy(m => m.UserId).Count() != members.Length)
            Fail<object>(field, "names a user twice");
        return members;
    }

    /// <summary>An optional list of ids; null when it is missing.</summary>
    public ImmutableArray<string>? Ids(string field, int most)
    {
        if (Field(body, field) is not { } list)
            return null;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > most)
            return Fail<ImmutableArray<string>?>(field, $"must be an array of at most {most} ids");
        return [.. list.EnumerateArray().Select((item, i) => Checked($"{field}[{i}]", Text(item)))];
    }

    /// <summary>How a user wants to be told of calls; null when it is missing.</summary>
    public Notifications? Notifications(string field) =>
        Field(body, field) is not { } value
            ? null
            : Text(value) switch
            {
                "normal" => Actors.Persistence.Notifications.Normal,
                "quiet" => Actors.Persistence.Notifications.Quiet,
                "do_not_disturb" => Actors.Persistence.Notifications.DoNotDisturb,
                _ => Fail<Notifications?>(field, "must be \"normal\", \"quiet\" or \"do_not_disturb\""),
            };

    public string Id(string field) => Checked(field, Text(Field(body, field)));

    /// <summary>An optional display name.</summary>
    public string? Name(string field) => Field(body, field) is { } name ? ReadName(field, name) : null;

    /// <summary>An optional flag, false when it is missing.</summary>
    public bool Flag(string field) =>
        Field(body, field)?.ValueKind switch
        {
            null or JsonValueKind.False => false,
            JsonValueKind.True => true,
            _ => Fail<bool>(field, "must be true or false"),
        };

    /// <summary>An optional span of time in seconds, of either sign.</summary>
    public TimeSpan? Seconds(string field, TimeSpan most)
    {
        if (Field(body, field) is not { } value)
            return null;
        return
            value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out var seconds)
            && Math.Abs(seconds) <= most.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : Fail<TimeSpan?>(field, $"must be a number of seconds, at most {most.TotalSeconds:0}");
    }

    /// <summary>An id that is no part of the body.</summary>
    public string Checked(string field, string? id) =>
        IdSyntax.IsValid(id) ? id : Fail<string>(field, $"must be an id of {IdSyntax.Rule}") ?? "";

    private Member ReadMember(string field, JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
            return Fail<Member>(field, "must be an object with user_id, name and permissions")!;
        var id = Checked($"{field}.user_id", Text(Field(item, "user_id")));
        var name = Field(item, "name") is { } given ? ReadName($"{field}.name", given) : id;
        return new Member(new UserId(id), name, ReadPermissions($"{field}.permissions", Field(item, "permissions")));
    }

    private string ReadName(string field, JsonElement value) =>
        Text(value) is { Length: > 0 and <= MaxNameLength } name
            ? name
            : Fail<string>(field, $"must be a string of 1 to {MaxNameLength} characters") ?? "";

    private Permissions ReadPermissions(string field, JsonElement? value)
    {
        if (value is not { } list)
            return Permissions.Read | Permissions.Call;
        if (list.ValueKind != JsonValueKind.Array)
            return Fail<Permissions>(field, "must be an array of \"read\" and \"call\"");
        var permissions = Permissions.None;
        foreach (var item in list.EnumerateArray())
        {
            permissions |= Text(item) switch
            {
                "read" => Permissions.Read,
                "call" => Permissions.Call,
                _ => Fail<Permissions>(field, "knows \"read\" and \"call\" only"),
            };
        }
        return permissions;
    }

    private static JsonElement? Field(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The string, or null for anything else (half a surrogate pair is good JSON and no text).</summary>
    private static string? Text(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.String } text && FieldReader.TryGetString(text, out var read) ? read : null;

    private T? Fail<T>(string field, string rule)
    {
        Error ??= Refusals.Invalid(field, rule);
        return default;
    }
}
