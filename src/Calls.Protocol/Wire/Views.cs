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
