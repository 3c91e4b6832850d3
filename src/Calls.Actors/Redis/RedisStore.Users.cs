using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Redis;

/// <summary>What belongs to users, and what is over.</summary>
public sealed partial class RedisStore
{
    public ValueTask<IReadOnlyList<HistoryEntry>> ListHistory(ChannelId channel, CallId? before, int limit) =>
        throw new NotSupportedException();

    public ValueTask<HistoryEntry?> FindHistory(ChannelId channel, CallId call) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<UnsettledCall>> ListUnsettled() => throw new NotSupportedException();

    public ValueTask Settle(ChannelId channel, CallId call) => throw new NotSupportedException();

    public ValueTask<CallSettings> GetSettings(UserId user) => throw new NotSupportedException();

    public ValueTask PutSettings(UserId user, CallSettings settings) => throw new NotSupportedException();

    public ValueTask PutDismissal(UserId user, Dismissal dismissal) => throw new NotSupportedException();

    public ValueTask<IReadOnlyDictionary<UserId, Dismissal>> GetDismissals(
        ChannelId channel,
        IReadOnlyCollection<UserId> users
    ) => throw new NotSupportedException();

    public ValueTask PutUserCall(UserId user, UserCall call) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<UserCall>> ListUserCalls(
        UserId user,
        UserCallFilter filter,
        CallId? before,
        int limit
    ) => throw new NotSupportedException();

    public ValueTask<int> MarkSeen(UserId user, IReadOnlyCollection<CallId>? calls) =>
        throw new NotSupportedException();

    public ValueTask<TimeSpan?> TakeStart(StartCounter counter, string start, int limit, TimeSpan window) =>
        throw new NotSupportedException();

    public ValueTask GiveStartBack(StartCounter counter, string start) => throw new NotSupportedException();
}
