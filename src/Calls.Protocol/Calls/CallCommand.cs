using System.Collections.Immutable;

namespace Calls.Protocol;

/// <summary>
/// Something that is asked of a call. Whether the user is a member, and may do this at all, has been checked before;
/// what is decided here is whether it fits the call's state.
/// </summary>
/// <param name="At">Now, by the clock of the call's home.</param>
public abstract record CallCommand(DateTimeOffset At);

/// <summary>Starts a call; <paramref name="Targets"/> are all other members who may join.</summary>
public sealed record StartCall(
    DateTimeOffset At,
    ChannelId Channel,
    ChannelKind Kind,
    CallId Call,
    CallMedia Media,
    UserId User,
    string Name,
    ImmutableArray<UserId> Targets
) : CallCommand(At);

/// <summary>Comes in; by one who is in already it changes nothing.</summary>
public sealed record JoinCall(DateTimeOffset At, UserId User, string Name) : CallCommand(At);

/// <summary>Goes out, or is made to.</summary>
public sealed record LeaveCall(DateTimeOffset At, UserId User, LeaveCause Cause) : CallCommand(At);

/// <summary>Does not want to join.</summary>
public sealed record DeclineCall(DateTimeOffset At, UserId User) : CallCommand(At);

/// <summary>Ends the call for all; the initiator's right.</summary>
public sealed record EndCall(DateTimeOffset At, UserId User) : CallCommand(At);

/// <summary>Rings members who are not in the call; those who are, are passed over.</summary>
public sealed record RingMembers(DateTimeOffset At, UserId User, ImmutableArray<UserId> Users) : CallCommand(At);

/// <summary>Mutes, deafens, shows.</summary>
public sealed record ChangeVoice(DateTimeOffset At, UserId User, VoiceChange Change) : CallCommand(At);

/// <summary>The chat app took a user out of the channel.</summary>
public sealed record RemoveMember(DateTimeOffset At, UserId User) : CallCommand(At);

/// <summary>The channel is gone, or the service cannot go on with the call.</summary>
public sealed record CloseCall(DateTimeOffset At, EndReason Reason) : CallCommand(At);

/// <summary>Time has passed: ends what is overdue.</summary>
public sealed record PassTime(DateTimeOffset At) : CallCommand(At);

/// <summary>What is decided about a command: events to journal (none if nothing changes), or a refusal that changes nothing.</summary>
public readonly record struct Decision(ImmutableArray<CallEvent> Events, Refusal? Refusal)
{
    /// <summary>Agreed to, and nothing changes.</summary>
    public static readonly Decision Nothing = new([], null);

    public static Decision Accept(params ReadOnlySpan<CallEvent> events) => new([.. events], null);

    public static Decision Refuse(ErrorCode code, string message) => new([], new Refusal(code, message));
}

/// <summary>Why not: the code is for programs, the sentence for people.</summary>
public sealed record Refusal(ErrorCode Code, string Message);
