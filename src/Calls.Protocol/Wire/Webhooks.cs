using System.Collections.Immutable;

namespace Calls.Protocol.Wire;

/// <summary>The body of a webhook, in the form that the Standard Webhooks specification recommends.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Timestamp">When; not when it is sent.</param>
/// <param name="Data">What is to be known of it.</param>
public sealed record WebhookBody<T>(string Type, DateTimeOffset Timestamp, T Data);

/// <summary>The kinds of webhooks.</summary>
public static class WebhookTypes
{
    public const string CallStarted = "call_started";
    public const string CallEnded = "call_ended";
    public const string MissedCall = "missed_call";
}

/// <summary>A call has begun: enough to make phones ring that have no connection.</summary>
public sealed record CallStartedWebhook
{
    public required ChannelId ChannelId { get; init; }
    public required CallId CallId { get; init; }
    public required UserId Initiator { get; init; }
    public required string InitiatorName { get; init; }
    public required CallMedia Media { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>All who may see the call.</summary>
    public required ImmutableArray<UserId> Members { get; init; }

    /// <summary>Those whose devices are to ring, by their settings and block lists.</summary>
    public required ImmutableArray<WebhookRing> Rings { get; init; }
}

/// <summary>One user whose devices are to ring.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Silent">Whether without a sound, as in <c>incoming_call</c>.</param>
public sealed record WebhookRing(UserId UserId, bool Silent);

/// <summary>A call is over: enough for its line in the conversation.</summary>
public sealed record CallEndedWebhook
{
    public required ChannelId ChannelId { get; init; }
    public required CallId CallId { get; init; }
    public required UserId Initiator { get; init; }
    public required string InitiatorName { get; init; }
    public required CallMedia Media { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset? AnsweredAt { get; init; }
    public required DateTimeOffset EndedAt { get; init; }
    public required EndReason Reason { get; init; }
    public required long? DurationSecs { get; init; }

    /// <summary>All who could see the call at its end.</summary>
    public required ImmutableArray<UserId> Members { get; init; }

    /// <summary>All who were in the call at any time.</summary>
    public required ImmutableArray<UserId> Participants { get; init; }

    public required ImmutableArray<UserId> DeclinedBy { get; init; }
    public required ImmutableArray<UserId> MissedBy { get; init; }
}

/// <summary>A user has missed a call: enough to tell them when they are not there.</summary>
public sealed record MissedCallWebhook
{
    public required ChannelId ChannelId { get; init; }
    public required CallId CallId { get; init; }

    /// <summary>Who missed it.</summary>
    public required UserId UserId { get; init; }

    public required UserId Initiator { get; init; }
    public required string InitiatorName { get; init; }
    public required CallMedia Media { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
}
