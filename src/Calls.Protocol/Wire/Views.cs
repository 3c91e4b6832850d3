using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Calls.Protocol.Wire;

/// <summary>Whether a participant's media and connection are there.</summary>
public enum ConnectionState
{
    /// <summary>No media yet.</summary>
    Connecting,

    /// <summary>Media flows, or the WebSocket is there and media was.</summary>
    Connected,

    /// <summary>Both are gone, and the grace runs.</summary>
    Reconnecting,
}

[Description("One participant.")]
public sealed record VoiceStateView(
    UserId UserId,
    string Username,
    DateTimeOffset JoinedAt,
    ConnectionState Connection,
    bool Muted,
    bool Deafened,
    bool Video,
    bool Screen
)
{
    public static VoiceStateView Of(Participant p, ConnectionState connection) =>
        new(p.User, p.Name, p.JoinedAt, connection, p.Voice.Muted, p.Voice.Deafened, p.Voice.Video, p.Voice.Screen);
}

[Description("A call, from ringing to its end.")]
public sealed record CallView
{
    public required ChannelId ChannelId { get; init; }
    public required CallId CallId { get; init; }
    public required long Version { get; init; }

    [AllowedValues(CallStatus.Ringing, CallStatus.Active, CallStatus.Ended)]
    public required CallStatus Status { get; init; }
    public required CallMedia Media { get; init; }
    public required UserId StartedBy { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset? AnsweredAt { get; init; }

    [Description("Until when somebody is rung, the latest if there are several; else null.")]
    public required DateTimeOffset? ExpiresAt { get; init; }
    public required ImmutableArray<UserId> TargetUsers { get; init; }
    public required ImmutableArray<UserId> DeclinedBy { get; init; }
    public required ImmutableArray<UserId> Participants { get; init; }
    public required ImmutableArray<VoiceStateView> VoiceStates { get; init; }
    public required EndReason? Reason { get; init; }
    public required long? DurationSecs { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }

    [Description("Only in ready: whether the call rings for the asking user now.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Ringing { get; init; }

    /// <summary>Only in the history: whether the asking user missed the call.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Missed { get; init; }

    /// <summary>The call as it is shown at <paramref name="now"/>.</summary>
    public static CallView Of(CallState call, DateTimeOffset now, Func<UserId, ConnectionState> connection) =>
        new()
        {
            ChannelId = call.Channel,
            CallId = call.Call,
            Version = call.Version,
            Status = call.Status,
            Media = call.Media,
            StartedBy = call.Initiator,
            StartedAt = call.StartedAt,
            AnsweredAt = call.AnsweredAt,
            ExpiresAt = call.RingDeadline(now),
            TargetUsers = [.. call.Targets.Select(t => t.User)],
            DeclinedBy = [.. call.Targets.Where(t => t.Answer == TargetAnswer.Declined).Select(t => t.User)],
            Participants = [.. call.Participants.Select(p => p.User)],
            VoiceStates = [.. call.Participants.Select(p => VoiceStateView.Of(p, connection(p.User)))],
            Reason = call.Reason,
            DurationSecs = call.Status == CallStatus.Ended ? call.DurationSeconds : null,
            EndedAt = call.EndedAt,
        };
}

[Description("How one participant's media does. What is not known yet is null.")]
public sealed record ParticipantStatsView(
    UserId UserId,
    [property: Description("Share of the packets from them that did not arrive, 0 to 1, as of the latest report.")]
        double? Loss,
    [property: Description("Interarrival jitter of the packets from them.")] double? JitterMs,
    [property: Description("From the service to them and back.")] double? RoundTripMs,
    [property: Description("RTP packets that came from them in this media session.")] long? ReceivedPackets,
    [property: Description("RTP packets that were sent to them in this media session.")] long? SentPackets,
    [property: Description("How loud they are, 0 (silence) to 1 (full scale).")] double? AudioLevel
)
{
    /// <summary>Of one whose media has not begun.</summary>
    public static ParticipantStatsView Unknown(UserId user) => new(user, null, null, null, null, null, null);
}

[Description("How the media of everybody in the call does.")]
public sealed record CallStatsView(ImmutableArray<ParticipantStatsView> Participants);

[Description("A missed call: MISSED of the contract.")]
public sealed record MissedEntryView(
    CallId CallId,
    ChannelId ChannelId,
    UserId Initiator,
    string InitiatorName,
    CallMedia Media,
    DateTimeOffset StartedAt,
    bool Seen
);

/// <summary>An ended call as the history keeps it.</summary>
/// <param name="Call">How it looked at its end.</param>
/// <param name="InitiatorName">The initiator's name at the time.</param>
/// <param name="MissedBy">Who was rung, and neither joined nor declined.</param>
/// <param name="KnownTo">Who else has it in their own history: they took part, or declined.</param>
public sealed record EndedCall(
    CallView Call,
    string InitiatorName,
    ImmutableArray<UserId> MissedBy,
    ImmutableArray<UserId> KnownTo
)
{
    /// <summary>A call that has just ended.</summary>
    public static EndedCall Of(CallState ended, CallView view, IEnumerable<UserId> missedBy)
    {
        ImmutableArray<UserId> missed = [.. missedBy];
        var declined = ended.Targets.Where(t => t.Answer == TargetAnswer.Declined).Select(t => t.User);
        return new EndedCall(view, ended.InitiatorName, missed, [.. ended.TookPart.Union(declined).Except(missed)]);
    }

    /// <summary>The call as its history shows it to one user.</summary>
    public CallView For(UserId user) => Call with { Missed = MissedBy.Contains(user) };
}

[Description("One entry of the list of ICE servers, as RTCPeerConnection takes it.")]
public sealed record IceServerView(
    ImmutableArray<string> Urls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Username,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Credential
);

[Description("Whose source an m-line of the offer carries.")]
public sealed record TrackView(
    string Mid,
    string UserId,
    [property: AllowedValues("audio", "video")] string Kind,
    [property: AllowedValues("microphone", "camera", "screen")] string Source
);
