using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>Reads the fields of an admin request and keeps the first thing that is wrong, in words that name the field.</summary>
internal sealed class BodyReader(JsonObject body)
{
    /// <summary>Longest display name, in characters.</summary>
    public const int MaxNameLength = 128;

    public Refusal? Error { get; private set; }

    public ChannelKind Kind(string field) =>
        Text(body[field]) switch
        {
            "direct" => ChannelKind.Direct,
            "group" => ChannelKind.Group,
            _ => Fail<ChannelKind>(field, "must be \"direct\" or \"group\""),
        };

    public ImmutableArray<Member> Members(string field, bool required)
    {
        if (body[field] is null && !required)
            return [];
        if (body[field] is not JsonArray list)
            return Fail<ImmutableArray<Member>>(field, "must be an array of members");
        if (list.Count > Channel.MaxMembers)
            return Fail<ImmutableArray<Member>>(field, $"must hold at most {Channel.MaxMembers} members");
        var members = list.Select((item, i) => ReadMember($"{field}[{i}]", item)).ToImmutableArray();
        if (Error is null && members.DistinctBy(m => m.UserId).Count() != members.Length)
            Fail<object>(field, "names a user twice");
        return members;
    }

    public ImmutableArray<UserId> Users(string field)
    {
        if (body[field] is null)
            return [];
        if (body[field] is not JsonArray list || list.Count > Channel.MaxMembers)
            return Fail<ImmutableArray<UserId>>(field, $"must be an array of at most {Channel.MaxMembers} user ids");
        return [.. list.Select((item, i) => new UserId(Id($"{field}[{i}]", item)))];
    }

    public string Id(string field, JsonNode? value)
    {
        var id = Text(value);
        return IdSyntax.IsValid(id) ? id : Fail<string>(field, $"must be an id of {IdSyntax.Rule}") ?? "";
    }

    private Member ReadMember(string field, JsonNode? item)
    {
        if (item is not JsonObject member)
            return Fail<Member>(field, "must be an object with user_id, name and permissions")!;
        var id = Id($"{field}.user_id", member["user_id"]);
        var name = member["name"] is null ? id : Text(member["name"]);
        if (name is not { Length: > 0 and <= MaxNameLength })
            Fail<object>($"{field}.name", $"must be a string of 1 to {MaxNameLength} characters");
        return new Member(new UserId(id), name ?? "", ReadPermissions($"{field}.permissions", member["permissions"]));
    }

    private Permissions ReadPermissions(string field, JsonNode? value)
    {
        if (value is null)
            return Permissions.Read | Permissions.Call;
        if (value is not JsonArray list)
            return Fail<Permissions>(field, "must be an array of \"read\" and \"call\"");
        var permissions = Permissions.None;
        foreach (var item in list)
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

    /// <summary>The string, or null for anything else (half a surrogate pair is good JSON and no text).</summary>
    private static string? Text(JsonNode? node)
    {
        try
        {
            return node is JsonValue value && value.GetValueKind() == JsonValueKind.String
                ? value.GetValue<string>()
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private T? Fail<T>(string field, string rule)
    {
        Error ??= Refusals.Invalid(field, rule);
        return default;
    }
}
