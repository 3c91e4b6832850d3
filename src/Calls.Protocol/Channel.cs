namespace Calls.Protocol;

/// <summary>What kind of conversation a channel is.</summary>
public enum ChannelKind
{
    /// <summary>A DM of exactly two members.</summary>
    Direct,

    /// <summary>A group DM of 2 to 25 members.</summary>
    Group,
}

/// <summary>What a member may do in a channel.</summary>
[Flags]
public enum Permissions
{
    None = 0,

    /// <summary>May see calls; without it the member is a stranger.</summary>
    Read = 1,

    /// <summary>May start and join calls.</summary>
    Call = 2,
}

/// <summary>A member of a channel.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Name">The name shown to others.</param>
/// <param name="Permissions">What they may do.</param>
public sealed record Member(UserId UserId, string Name, Permissions Permissions)
{
    public bool CanRead => Permissions.HasFlag(Permissions.Read);

    public bool CanCall => CanRead && Permissions.HasFlag(Permissions.Call);
}

/// <summary>A conversation and its members, as the chat app told it.</summary>
public sealed record Channel(ChannelId Id, ChannelKind Kind, IReadOnlyList<Member> Members)
{
    /// <summary>Most members of a group DM.</summary>
    public const int MaxMembers = 25;

    /// <summary>The member, or null for a stranger.</summary>
    public Member? Find(UserId user) => Members.FirstOrDefault(m => m.UserId == user);
}
