using System.Collections.Immutable;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>The fields that only REST bodies have.</summary>
internal static class BodyFields
{
    /// <summary>Longest display name, in characters.</summary>
    public const int MaxNameLength = 128;

    private static readonly TextRule NameRule = new(MaxNameLength);
    private static readonly ChoiceRule<ChannelKind> KindRule = new(ChannelKind.Direct, ChannelKind.Group);
    private static readonly ListRule<Permissions> PermissionsRule = new(
        new ChoiceRule<Permissions>(Permissions.Read, Permissions.Call),
        "permissions"
    );
    private static readonly ObjectRule<Member> MemberRule = new(ReadMember, "a member: user_id, name, permissions");

    public static ChannelKind Kind(this ref FieldReader body) => body.Required("kind", KindRule);

    /// <summary>All members of a channel.</summary>
    public static ImmutableArray<Member> Members(this ref FieldReader body, string field) =>
        Distinct(ref body, field, body.Required(field, MemberList(min: 2)));

    /// <summary>Members to add, if any.</summary>
    public static ImmutableArray<Member> SomeMembers(this ref FieldReader body, string field) =>
        body.TryRead(field, MemberList(min: 0), out var members) ? Distinct(ref body, field, members) : [];

    /// <summary>Users, if any.</summary>
    public static ImmutableArray<UserId> SomeUsers(this ref FieldReader body, string field) =>
        body.TryRead(field, new ListRule<string>(IdRule.Instance, "user ids", max: Channel.MaxMembers), out var users)
            ? [.. users.Select(id => new UserId(id))]
            : [];

    /// <summary>An optional display name.</summary>
    public static string? Name(this ref FieldReader body) => body.TryRead("name", NameRule, out var name) ? name : null;

    private static ListRule<Member> MemberList(int min) => new(MemberRule, "members", min, Channel.MaxMembers);

    private static Member ReadMember(ref FieldReader member)
    {
        var user = member.User();
        return new Member(
            user,
            member.Name() ?? user.Value,
            member.TryRead("permissions", PermissionsRule, out var permissions)
                ? permissions.Aggregate(Permissions.None, (all, one) => all | one)
                : Permissions.Read | Permissions.Call
        );
    }

    private static ImmutableArray<Member> Distinct(ref FieldReader body, string field, ImmutableArray<Member> members)
    {
        if (members.IsDefault)
            return [];
        if (members.DistinctBy(m => m.UserId).Count() != members.Length)
            body.Fail(field, "names a user twice");
        return members;
    }
}
