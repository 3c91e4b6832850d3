using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Calls.Protocol.Wire;

/// <summary>What the server tells by itself. The name on the wire is the record's, in snake_case.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(IncomingCall), "incoming_call")]
[JsonDerivedType(typeof(CallStartedEvent), "call_started")]
[JsonDerivedType(typeof(ParticipantJoinedEvent), "participant_joined")]
[JsonDerivedType(typeof(ParticipantLeftEvent), "participant_left")]
[JsonDerivedType(typeof(ParticipantUpdated), "participant_updated")]
[JsonDerivedType(typeof(CallDeclinedEvent), "call_declined")]
[JsonDerivedType(typeof(CallRinging), "call_ringing")]
[JsonDerivedType(typeof(TargetRemovedEvent), "target_removed")]
[JsonDerivedType(typeof(CallAnsweredElsewhere), "call_answered_elsewhere")]
[JsonDerivedType(typeof(RingStopped), "ring_stopped")]
[JsonDerivedType(typeof(CallEndedEvent), "call_ended")]
[JsonDerivedType(typeof(MissedCallEvent), "missed_call")]
[JsonDerivedType(typeof(TokenExpiring), "token_expiring")]
[JsonDerivedType(typeof(ServerDraining), "server_draining")]
[JsonDerivedType(typeof(MediaOfferEvent), "media_offer")]
[JsonDerivedType(typeof(ActiveSpeakers), "active_speakers")]
public abstract record ServerEvent;

[Description("Signed in: everything that a client needs to go on. State is sent whole, never replayed.")]
public sealed record Ready : ServerEvent
{
    /// <summary>The id of the <c>authenticate</c> that this answers.</summary>
    [JsonPropertyOrder(-1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RequestId? Id { get; init; }
    public required UserId UserId { get; init; }
    public required DeviceId DeviceId { get; init; }
    public required DateTimeOffset ServerTime { get; init; }
    public required int HeartbeatMs { get; init; }
    public required ImmutableArray<IceServerView> IceServers { get; init; }
    public required ImmutableArray<CallView> Calls { get; init; }

    /// <summary>The unseen missed calls, newest first, at most <see cref="MaxMissedCalls"/>.</summary>
    public required ImmutableArray<MissedEntryView> MissedCalls { get; init; }

    /// <summary>More than a person looks through at once; the rest is to be had by REST.</summary>
    public const int MaxMissedCalls = 50;
}

/// <summary>An event about a call's state.</summary>
public abstract record CallStateEvent(ChannelId ChannelId, CallId CallId, long Version) : ServerEvent;

[Description("The call rings for this user, on this device too.")]
public sealed record IncomingCall(
    ChannelId ChannelId,
    CallId CallId,
    long Version,
    UserId Initiator,
    string InitiatorName,
    CallMedia Media,
    DateTimeOffset StartedAt,
    DateTimeOffset ExpiresAt,
    bool Silent
) : CallStateEvent(ChannelId, CallId, Version)
{
    /// <summary>The ring has gone on for half its time, and this is the second word of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Reminder { get; init; }
}

[Description("Somebody started a call.")]
public sealed record CallStartedEvent(
    ChannelId ChannelId,
    CallId CallId,
    long Version,
    UserId Initiator,
    string InitiatorName,
    CallMedia Media,
    DateTimeOffset StartedAt
) : CallStateEvent(ChannelId, CallId, Version);

[Description("Somebody is in the call from now on.")]
public sealed record ParticipantJoinedEvent(
    ChannelId ChannelId,
    CallId CallId,
    long Version,
    UserId UserId,
    string Username
) : CallStateEvent(ChannelId, CallId, Version);

[Description("Somebody is out of the call. The one who left hears it too, as the last of this call.")]
public sealed record ParticipantLeftEvent(
    ChannelId ChannelId,
    CallId CallId,
    long Version,
    UserId UserId,
    LeaveCause Cause
) : CallStateEvent(ChannelId, CallId, Version);

[Description("What a participant has switched on, or their connection, has changed.")]
public sealed record ParticipantUpdated(ChannelId ChannelId, CallId CallId, long Version, VoiceStateView VoiceState)
    : CallStateEvent(ChannelId, CallId, Version);

[Description("A target has said no.")]
public sealed record CallDeclinedEvent(ChannelId ChannelId, CallId CallId, long Version, UserId UserId)
    : CallStateEvent(ChannelId, CallId, Version);

[Description("Members are rung (again).")]
public sealed record CallRinging(
    ChannelId ChannelId,
    CallId CallId,
    long Version,
    ImmutableArray<UserId> UserIds,
    ImmutableArray<UserId> TargetUsers
) : CallStateEvent(ChannelId, CallId, Version);

[Description("A target is no member any more.")]
public sealed record TargetRemovedEvent(ChannelId ChannelId, CallId CallId, long Version, UserId UserId)
    : CallStateEvent(ChannelId, CallId, Version);

/// <summary>What another of the user's devices (or a newer connection of this one) did.</summary>
public enum ElsewhereAction
{
    Joined,
    Declined,
    Dismissed,
    Moved,
}

[Description("Another of the user's devices, or a newer connection of this one, has dealt with it.")]
public sealed record CallAnsweredElsewhere(ChannelId ChannelId, CallId CallId, long Version, ElsewhereAction Action)
    : CallStateEvent(ChannelId, CallId, Version);

/// <summary>Why a ring stopped at one user while nothing that all are told says so.</summary>
public enum RingStopReason
{
    /// <summary>It was not answered in time, and the call goes on.</summary>
    Timeout,

    /// <summary>The user is no member any more.</summary>
    Removed,

    /// <summary>The user has blocked who rings.</summary>
    Blocked,
}

[Description("A ring stops at a user's devices while no other event says so.")]
public sealed record RingStopped(ChannelId ChannelId, CallId CallId, long Version, RingStopReason Reason)
    : CallStateEvent(ChannelId, CallId, Version);

[Description("The user was rung, and neither joined nor declined.")]
public sealed record MissedCallEvent(
    ChannelId ChannelId,
    CallId CallId,
    long Version,
    UserId Initiator,
    string InitiatorName,
    CallMedia Media,
    DateTimeOffset StartedAt
) : CallStateEvent(ChannelId, CallId, Version);

[Description("The call is over.")]
public sealed record CallEndedEvent(
    ChannelId ChannelId,
    CallId CallId,
    long Version,
    EndReason Reason,
    long? DurationSecs,
    DateTimeOffset EndedAt
) : CallStateEvent(ChannelId, CallId, Version);

[Description("An SDP offer; answered with media_answer.")]
public sealed record MediaOfferEvent(
    ChannelId ChannelId,
    CallId CallId,
    SessionId SessionId,
    int Revision,
    string Sdp,
    ImmutableArray<TrackView> Tracks,
    ImmutableArray<IceServerView> IceServers
) : ServerEvent;

[Description(
    "Others speak in the call than before, the loudest first. At most five a second; a muted one is never among them."
)]
public sealed record ActiveSpeakers(ChannelId ChannelId, CallId CallId, ImmutableArray<UserId> Speakers) : ServerEvent;

[Description("The token ends soon: time to authenticate with a new one.")]
public sealed record TokenExpiring(DateTimeOffset ExpiresAt) : ServerEvent;

[Description("This node will stop: reconnect after that time, and meet another. Calls go on meanwhile.")]
public sealed record ServerDraining(int ReconnectAfterMs) : ServerEvent;
