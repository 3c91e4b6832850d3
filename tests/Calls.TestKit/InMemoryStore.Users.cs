using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.TestKit;

/// <summary>What belongs to users, and what is over.</summary>
public sealed partial class InMemoryStore
{
    public ValueTask<IReadOnlyList<HistoryEntry>> ListHistory(ChannelId channel, CallId? before, int limit) =>
        Do(nameof(ListHistory), () => Page(History(channel), e => e.Call, before, limit, _ => true));

    public ValueTask<HistoryEntry?> FindHistory(ChannelId channel, CallId call) =>
        Do(nameof(FindHistory), () => History(channel).Find(e => e.Call == call));

    public ValueTask<IReadOnlyList<UnsettledCall>> ListUnsettled() =>
        Do<IReadOnlyList<UnsettledCall>>(nameof(ListUnsettled), () => [.. _tables.Unsettled]);

    public async ValueTask Settle(ChannelId channel, CallId call) =>
        await Do(nameof(Settle), () => _tables.Unsettled.Remove(new UnsettledCall(channel, call)));

    public ValueTask<CallSettings> GetSettings(UserId user) =>
        Do(nameof(GetSettings), () => _tables.Settings.GetValueOrDefault(user, CallSettings.Default));

    public async ValueTask PutSettings(UserId user, CallSettings settings) =>
        await Do(nameof(PutSettings), () => _tables.Settings[user] = settings);

    public async ValueTask PutDismissal(UserId user, Dismissal dismissal) =>
        await Do(nameof(PutDismissal), () => _tables.Dismissals[(user, dismissal.Channel)] = dismissal);

    public ValueTask<IReadOnlyDictionary<UserId, Dismissal>> GetDismissals(
        ChannelId channel,
        IReadOnlyCollection<UserId> users
    ) =>
        Do<IReadOnlyDictionary<UserId, Dismissal>>(
            nameof(GetDismissals),
            () =>
                users
                    .Distinct()
                    .Where(user => _tables.Dismissals.ContainsKey((user, channel)))
                    .ToDictionary(user => user, user => _tables.Dismissals[(user, channel)])
        );

    public async ValueTask PutUserCall(UserId user, UserCall call) =>
        await Do(
            nameof(PutUserCall),
            () =>
            {
                _tables.UserCalls.RemoveAll(c => c.User == user && c.Call.Call == call.Call);
                _tables.UserCalls.Add((user, call));
                var kept = Calls(user).Take(_options.HistoryPerUser).ToHashSet();
                return _tables.UserCalls.RemoveAll(c => c.User == user && !kept.Contains(c.Call));
            }
        );

    public ValueTask<IReadOnlyList<UserCall>> ListUserCalls(
        UserId user,
        UserCallFilter filter,
        CallId? before,
        int limit
    ) =>
        Do(
            nameof(ListUserCalls),
            () =>
                Page(
                    Calls(user),
                    c => c.Call,
                    before,
                    limit,
                    c =>
                        filter switch
                        {
                            UserCallFilter.Missed => c.Missed is not null,
                            UserCallFilter.Unseen => c.Missed is MissedMark.Unseen,
                            _ => true,
                        }
                )
        );

    public ValueTask<int> MarkSeen(UserId user, IReadOnlyCollection<CallId>? calls) =>
        Do(
            nameof(MarkSeen),
            () =>
            {
                foreach (var call in Calls(user).Where(c => c.Missed is not null))
                    if (calls is null || calls.Contains(call.Call))
                        _tables.UserCalls[_tables.UserCalls.IndexOf((user, call))] = (
                            user,
                            call with
                            {
                                Missed = MissedMark.Seen,
                            }
                        );
                return Calls(user).Count(c => c.Missed is MissedMark.Unseen);
            }
        );

    public ValueTask<TimeSpan?> TakeStart(StartCounter counter, string start, int limit, TimeSpan window) =>
        Do(
            nameof(TakeStart),
            () =>
            {
                if (!_tables.Starts.TryGetValue(counter, out var taken))
                    _tables.Starts[counter] = taken = [];
                taken.RemoveAll(t => time.GetElapsedTime(t.At) >= window);
                if (taken.Exists(t => t.Start == start))
                    return (TimeSpan?)null;
                if (taken.Count >= limit)
                    return window - time.GetElapsedTime(taken[^limit].At);
                taken.Add((start, time.GetTimestamp()));
                return null;
            }
        );

    public async ValueTask GiveStartBack(StartCounter counter, string start) =>
        await Do(
            nameof(GiveStartBack),
            () => _tables.Starts.TryGetValue(counter, out var taken) ? taken.RemoveAll(t => t.Start == start) : 0
        );

    private void Keep(ChannelId channel, HistoryEntry entry)
    {
        _tables.History.RemoveAll(h => h.Channel == channel && h.Entry.Call == entry.Call);
        _tables.History.Add((channel, entry));
        var kept = History(channel).Take(_options.HistoryPerChannel).ToHashSet();
        _tables.History.RemoveAll(h => h.Channel == channel && !kept.Contains(h.Entry));
        var unsettled = new UnsettledCall(channel, entry.Call);
        if (!_tables.Unsettled.Contains(unsettled))
            _tables.Unsettled.Add(unsettled);
    }

    /// <summary>Newest first, without those whose time is over.</summary>
    private List<HistoryEntry> History(ChannelId channel) =>
        [
            .. _tables
                .History.Where(h => h.Channel == channel && IsKept(h.Entry.StartedAt))
                .Select(h => h.Entry)
                .OrderByDescending(e => e.StartedAt)
                .ThenByDescending(e => e.Call.Value, StringComparer.Ordinal),
        ];

    /// <summary>Newest first, without those whose time is over.</summary>
    private List<UserCall> Calls(UserId user) =>
        [
            .. _tables
                .UserCalls.Where(c => c.User == user && IsKept(c.Call.StartedAt))
                .Select(c => c.Call)
                .OrderByDescending(c => c.StartedAt)
                .ThenByDescending(c => c.Call.Value, StringComparer.Ordinal),
        ];

    private bool IsKept(DateTimeOffset startedAt) => startedAt + _options.HistoryRetention > time.GetUtcNow();

    private static IReadOnlyList<T> Page<T>(
        List<T> calls,
        Func<T, CallId> id,
        CallId? before,
        int limit,
        Func<T, bool> filter
    )
    {
        var skipped = before is null ? 0 : calls.FindIndex(c => id(c) == before) + 1;
        return before is not null && skipped == 0 ? [] : [.. calls.Skip(skipped).Where(filter).Take(limit)];
    }
}
