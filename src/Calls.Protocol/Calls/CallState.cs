using System.Collections.Immutable;

namespace Calls.Protocol;

/// <summary>Where a call is in its life; <see cref="None"/> is before its first event.</summary>
public enum CallStatus
{
    None,
    Ringing,
    Active,
    Ended,
}

/// <summary>A user who is in the call.</summary>
public sealed record Participant(UserId User, string Name, DateTimeOffset JoinedAt, VoiceFlags Voice);

/// <summary>What became of a ring at one target.</summary>
public enum TargetAnswer
{
    None,
    Joined,
    Declined,
}

/// <summary>Somebody the call rings, or rang.</summary>
/// <param name="User">Who.</param>
/// <param name="RingDeadline">Until when, if they do not answer.</param>
/// <param name="Answer">What they said to the latest ring.</param>
/// <param name="RungBy">Who rang them last.</param>
public sealed record Target(UserId User, DateTimeOffset RingDeadline, TargetAnswer Answer, UserId RungBy);

/// <summary>
/// The state of one call: the replay of its events, and nothing else. Immutable, without clock and I/O:
/// <see cref="CallDecider.Decide"/> says what a command leads to, <see cref="Apply"/> what an event makes of the state.
/// </summary>
public sealed record CallState
{
    /// <summary>Before the first event.</summary>
    public static readonly CallState Empty = new();

    public long Version { get; private init; }

    public CallStatus Status { get; private init; }

    public ChannelId Channel { get; private init; }

    public ChannelKind Kind { get; private init; }

    public CallId Call { get; private init; }

    public CallMedia Media { get; private init; }

    public UserId Initiator { get; private init; }

    public string InitiatorName { get; private init; } = "";

    public DateTimeOffset StartedAt { get; private init; }

    public DateTimeOffset? AnsweredAt { get; private init; }

    public DateTimeOffset? EndedAt { get; private init; }

    public EndReason? Reason { get; private init; }

    /// <summary>The time of the last event; the next one is not before it.</summary>
    public DateTimeOffset LastAt { get; private init; }

    /// <summary>Set while one participant is alone in a group call: when they are let go.</summary>
    public DateTimeOffset? AloneDeadline { get; private init; }

    /// <summary>In the order in which they came.</summary>
    public ImmutableArray<Participant> Participants { get; private init; } = [];

    public ImmutableArray<Target> Targets { get; private init; } = [];

    /// <summary>Everybody who was ever in the call, in the order in which they first came.</summary>
    public ImmutableArray<UserId> TookPart { get; private init; } = [];

    public bool IsLive => Status is CallStatus.Ringing or CallStatus.Active;

    /// <summary>Whole seconds from the answer to the end (to the last event while it lives); null if never answered.</summary>
    public long? DurationSeconds =>
        AnsweredAt is { } answered ? (long)((EndedAt ?? LastAt) - answered).TotalSeconds : null;

    public Participant? FindParticipant(UserId user) => Participants.FirstOrDefault(p => p.User == user);

    public Target? FindTarget(UserId user) => Targets.FirstOrDefault(t => t.User == user);

    /// <summary>Whether the call rings for this user at <paramref name="now"/>.</summary>
    public bool IsRinging(UserId user, DateTimeOffset now) =>
        IsLive && FindTarget(user) is { Answer: TargetAnswer.None } target && target.RingDeadline > now;

    /// <summary>The latest deadline of those who are rung at <paramref name="now"/>; null when nobody is.</summary>
    public DateTimeOffset? RingDeadline(DateTimeOffset now)
    {
        DateTimeOffset? latest = null;
        foreach (var target in Targets)
        {
            if (target.Answer == TargetAnswer.None && target.RingDeadline > now && !(latest >= target.RingDeadline))
                latest = target.RingDeadline;
        }
        return IsLive ? latest : null;
    }

    /// <summary>When <see cref="PassTime"/> would next change something; null if never.</summary>
    public DateTimeOffset? NextDeadline()
    {
        if (Status == CallStatus.Ringing)
            return Targets.Where(t => t.Answer == TargetAnswer.None).Select(t => (DateTimeOffset?)t.RingDeadline).Max();
        return Status == CallStatus.Active ? AloneDeadline : null;
    }

    /// <summary>The state after one more event.</summary>
    /// <exception cref="InvalidOperationException">The event does not follow on this state: the journal is not this call's.</exception>
    public CallState Apply(CallEvent happened) =>
        (happened, Status) switch
        {
            (CallStarted e, CallStatus.None) => Started(e),
            (CallStarted, _) or (_, CallStatus.None or CallStatus.Ended) => throw new InvalidOperationException(
                $"{happened.GetType().Name} cannot follow on a call that is {Status} (version {Version})."
            ),
            (ParticipantJoined e, _) => Joined(e),
            (ParticipantLeft e, _) => Next(e) with
            {
                Participants = Participants.RemoveAll(p => p.User == e.User),
                Targets = e.Cause == LeaveCause.Removed ? Targets.RemoveAll(t => t.User == e.User) : Targets,
                AloneDeadline = e.AloneDeadline,
            },
            (CallDeclined e, _) => Next(e) with { Targets = Answer(e.User, TargetAnswer.Declined) },
            (VoiceChanged e, _) => Next(e) with
            {
                Participants = [.. Participants.Select(p => p.User == e.User ? p with { Voice = e.Flags } : p)],
            },
            (MembersRung e, _) => Next(e) with
            {
                Targets =
                [
                    .. Targets.Where(t => !e.Users.Contains(t.User)),
                    .. e.Users.Select(u => new Target(u, e.RingDeadline, TargetAnswer.None, e.By ?? Initiator)),
                ],
            },
            (TargetRemoved e, _) => Next(e) with { Targets = Targets.RemoveAll(t => t.User == e.User) },
            (CallEnded e, _) => Next(e) with
            {
                Status = CallStatus.Ended,
                EndedAt = e.At,
                Reason = e.Reason,
                AloneDeadline = null,
            },
            _ => throw new InvalidOperationException($"Unknown event {happened.GetType().Name}."),
        };

    /// <summary>The replay of a whole journal.</summary>
    public static CallState Replay(IEnumerable<CallEvent> events) => events.Aggregate(Empty, (s, e) => s.Apply(e));

    private CallState Next(CallEvent happened) => this with { Version = Version + 1, LastAt = happened.At };

    private CallState Started(CallStarted e) =>
        Next(e) with
        {
            Status = CallStatus.Ringing,
            Channel = e.Channel,
            Kind = e.Kind,
            Call = e.Call,
            Media = e.Media,
            Initiator = e.Initiator,
            InitiatorName = e.InitiatorName,
            StartedAt = e.At,
            Participants =
            [
                new Participant(
                    e.Initiator,
                    e.InitiatorName,
                    e.At,
                    new VoiceFlags { Video = e.Media == CallMedia.Video }
                ),
            ],
            TookPart = [e.Initiator],
            Targets = [.. e.Targets.Select(u => new Target(u, e.RingDeadline, TargetAnswer.None, e.Initiator))],
        };

    private CallState Joined(ParticipantJoined e) =>
        Next(e) with
        {
            Status = CallStatus.Active,
            AnsweredAt = AnsweredAt ?? e.At,
            AloneDeadline = null,
            Participants = Participants.Add(new Participant(e.User, e.Name, e.At, default)),
            TookPart = TookPart.Contains(e.User) ? TookPart : TookPart.Add(e.User),
            Targets = Answer(e.User, TargetAnswer.Joined),
        };

    private ImmutableArray<Target> Answer(UserId user, TargetAnswer answer) =>
        [.. Targets.Select(t => t.User == user ? t with { Answer = answer } : t)];
}
