using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Calls.Protocol;

/// <summary>Why a participant left.</summary>
public enum LeaveCause
{
    Hangup,
    Disconnected,
    Removed,
    Moved,
    Alone,
}

/// <summary>Why a call ended.</summary>
public enum EndReason
{
    Cancelled,
    AllDeclined,
    NoAnswer,
    LastLeft,
    EndedByInitiator,
    ChannelDeleted,
    Failed,
}

/// <summary>What a call was started with.</summary>
public enum CallMedia
{
    Audio,
    Video,
}

/// <summary>
/// Something that happened to a call. Events are what the journal holds; a call's state is their replay.
/// Each raises the call's version by one.
/// </summary>
/// <param name="At">When, by the clock of the call's home; never before the event ahead of it.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(CallStarted), "started")]
[JsonDerivedType(typeof(ParticipantJoined), "joined")]
[JsonDerivedType(typeof(ParticipantLeft), "left")]
[JsonDerivedType(typeof(CallDeclined), "declined")]
[JsonDerivedType(typeof(VoiceChanged), "voice")]
[JsonDerivedType(typeof(MembersRung), "rung")]
[JsonDerivedType(typeof(TargetRemoved), "target_removed")]
[JsonDerivedType(typeof(CallEnded), "ended")]
public abstract record CallEvent(DateTimeOffset At);

/// <summary>The initiator is in and the targets are rung until <paramref name="RingDeadline"/>.</summary>
public sealed record CallStarted(
    DateTimeOffset At,
    ChannelId Channel,
    ChannelKind Kind,
    CallId Call,
    CallMedia Media,
    UserId Initiator,
    string InitiatorName,
    ImmutableArray<UserId> Targets,
    DateTimeOffset RingDeadline
) : CallEvent(At);

/// <summary>A user came in; the first after the initiator answers the call.</summary>
public sealed record ParticipantJoined(DateTimeOffset At, UserId User, string Name) : CallEvent(At);

/// <summary>A participant is out. Where one other is left alone in a group, <paramref name="AloneDeadline"/> says how long that may last.</summary>
public sealed record ParticipantLeft(DateTimeOffset At, UserId User, LeaveCause Cause, DateTimeOffset? AloneDeadline)
    : CallEvent(At);

/// <summary>A target does not want to join.</summary>
public sealed record CallDeclined(DateTimeOffset At, UserId User) : CallEvent(At);

/// <summary>A participant muted, deafened, or changed what they show.</summary>
public sealed record VoiceChanged(DateTimeOffset At, UserId User, VoiceFlags Flags) : CallEvent(At);

/// <summary>Members are rung (again) until <paramref name="RingDeadline"/>; what they answered before is forgotten.</summary>
/// <param name="At">When.</param>
/// <param name="Users">Who is rung.</param>
/// <param name="RingDeadline">Until when.</param>
/// <param name="By">Who rings; null in journals of the first version.</param>
public sealed record MembersRung(
    DateTimeOffset At,
    ImmutableArray<UserId> Users,
    DateTimeOffset RingDeadline,
    UserId? By
) : CallEvent(At);

/// <summary>A target who is not in the call is no member any more.</summary>
public sealed record TargetRemoved(DateTimeOffset At, UserId User) : CallEvent(At);

/// <summary>The call is over, for good.</summary>
public sealed record CallEnded(DateTimeOffset At, EndReason Reason) : CallEvent(At);
