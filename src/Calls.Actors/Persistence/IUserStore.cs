using System.Collections.Immutable;
using Calls.Protocol;

namespace Calls.Actors.Persistence;

/// <summary>
/// What belongs to one user and outlives a process: settings, dismissed rings, the calls they were rung or took part in,
/// and the counters that limit starts. What a call returns has been made durable, as with <see cref="ICallStore"/>;
/// all but the counters, which a restart may forget. Every change is safe to repeat.
/// </summary>
public interface IUserStore
{
    /// <summary>The user's settings; <see cref="CallSettings.Default"/> if none were put.</summary>
    ValueTask<CallSettings> GetSettings(UserId user);

    /// <summary>Replaces the user's settings.</summary>
    ValueTask PutSettings(UserId user, CallSettings settings);

    /// <summary>Notes that the user has dismissed a ring. Gone with <see cref="ICallStore.RemoveLive"/> of its channel.</summary>
    ValueTask PutDismissal(UserId user, Dismissal dismissal);

    /// <summary>The dismissals of these users in this channel, for whoever has one.</summary>
    ValueTask<IReadOnlyDictionary<UserId, Dismissal>> GetDismissals(
        ChannelId channel,
        IReadOnlyCollection<UserId> users
    );

    /// <summary>Puts a call into the user's history; one with the same call id is replaced. Kept for <see cref="StoreOptions.HistoryRetention"/>, and of each user at most <see cref="StoreOptions.HistoryPerUser"/>, the newest.</summary>
    ValueTask PutUserCall(UserId user, UserCall call);

    /// <summary>The user's calls, newest first (by <see cref="UserCall.StartedAt"/>, then by call id).</summary>
    /// <param name="user">The user.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="before">Only those that come after this one in the list; empty if it is not in the history.</param>
    /// <param name="limit">At most so many.</param>
    ValueTask<IReadOnlyList<UserCall>> ListUserCalls(UserId user, UserCallFilter filter, CallId? before, int limit);

    /// <summary>Marks missed calls as seen; all of them when <paramref name="calls"/> is null. Others are passed over.</summary>
    /// <returns>How many are unseen now.</returns>
    ValueTask<int> MarkSeen(UserId user, IReadOnlyCollection<CallId>? calls);

    /// <summary>Takes a place for one start in a counter of the last <paramref name="window"/>, by the store's own clock.</summary>
    /// <param name="counter">Which counter.</param>
    /// <param name="start">Names this start; taking twice for the same takes one place.</param>
    /// <param name="limit">How many places there are.</param>
    /// <param name="window">How long a place stays taken.</param>
    /// <returns>Null when it was taken, else how long until a place is free.</returns>
    ValueTask<TimeSpan?> TakeStart(StartCounter counter, string start, int limit, TimeSpan window);

    /// <summary>Gives a place back before its time.</summary>
    ValueTask GiveStartBack(StartCounter counter, string start);
}

/// <summary>How a user's devices are told of calls.</summary>
public enum Notifications
{
    /// <summary>They ring.</summary>
    Normal,

    /// <summary>They show it, without a sound.</summary>
    Quiet,

    /// <summary>They are not told; the call is one missed.</summary>
    DoNotDisturb,
}

/// <summary>What a user has set about calls.</summary>
/// <param name="Notifications">How their devices are told.</param>
/// <param name="Blocked">Users who cannot ring them, and whom they cannot ring.</param>
public sealed record CallSettings(Notifications Notifications, ImmutableArray<UserId> Blocked)
{
    /// <summary>Most users one can block; keeps the record at some tens of KiB.</summary>
    public const int MaxBlocked = 1000;

    public static readonly CallSettings Default = new(Notifications.Normal, []);
}

/// <summary>A ring that a user made quiet. It holds for that ring only: one that began later has another deadline.</summary>
public sealed record Dismissal(ChannelId Channel, CallId Call, DateTimeOffset RingDeadline);

/// <summary>A call in a user's history.</summary>
/// <param name="Call">The call.</param>
/// <param name="Channel">Its channel, whose history holds the call itself (but not one that was missed while the user did not want to be disturbed in a direct channel: that one stands here only).</param>
/// <param name="Initiator">Who called.</param>
/// <param name="InitiatorName">Their name at that time.</param>
/// <param name="Media">What with.</param>
/// <param name="StartedAt">When, in whole milliseconds as everywhere in the journal.</param>
/// <param name="Missed">Null unless the user missed it.</param>
public sealed record UserCall(
    CallId Call,
    ChannelId Channel,
    UserId Initiator,
    string InitiatorName,
    CallMedia Media,
    DateTimeOffset StartedAt,
    MissedMark? Missed
);

/// <summary>Whether a missed call was seen.</summary>
public enum MissedMark
{
    Unseen,
    Seen,
}

/// <summary>Which calls of a user's history.</summary>
public enum UserCallFilter
{
    All,
    Missed,
    Unseen,
}

/// <summary>A counter of starts.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="Id">Of which user or channel.</param>
public readonly record struct StartCounter(StartCounterKind Kind, string Id);

public enum StartCounterKind
{
    /// <summary>Starts by one user.</summary>
    User,

    /// <summary>Starts in one channel.</summary>
    Channel,

    /// <summary>Starts at one user, in direct channels.</summary>
    Target,
}
