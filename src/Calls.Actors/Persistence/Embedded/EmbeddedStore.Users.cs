using Calls.Protocol;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>What belongs to users.</summary>
public sealed partial class EmbeddedStore
{
    public ValueTask<CurrentCall?> GetCurrentCall(UserId user) => Look(t => t.Users.Current(user));

    public async ValueTask<bool> SwapCurrentCall(UserId user, CurrentCall? expected, CurrentCall? next) =>
        await _writer.Do<bool>(t =>
            t.Users.Current(user) == expected ? (true, new CurrentCallPut(user, next)) : (false, null)
        );

    public async ValueTask AddLive(ChannelId channel, IReadOnlyCollection<UserId> users) =>
        await _writer.Do(_ => (true, new LiveAdded(channel, users)));

    public async ValueTask RemoveLive(ChannelId channel, IReadOnlyCollection<UserId> users) =>
        await _writer.Do(_ => (true, new LiveRemoved(channel, users)));

    public ValueTask<IReadOnlyList<ChannelId>> LiveChannels(UserId user) => Look(t => t.Users.Live(user));

    public ValueTask<CallSettings> GetSettings(UserId user) => Look(t => t.Users.Settings(user));

    public async ValueTask PutSettings(UserId user, CallSettings settings) =>
        await _writer.Do(_ => (true, new SettingsPut(user, settings)));

    public async ValueTask PutDismissal(UserId user, Dismissal dismissal) =>
        await _writer.Do(t =>
            (true, t.Users.Dismissal(user, dismissal.Channel) == dismissal ? null : new DismissalPut(user, dismissal))
        );

    public ValueTask<IReadOnlyDictionary<UserId, Dismissal>> GetDismissals(
        ChannelId channel,
        IReadOnlyCollection<UserId> users
    ) =>
        Look<IReadOnlyDictionary<UserId, Dismissal>>(t =>
        {
            Dictionary<UserId, Dismissal> dismissals = [];
            foreach (var user in users)
                if (t.Users.Dismissal(user, channel) is { } dismissal)
                    dismissals[user] = dismissal;
            return dismissals;
        });

    public async ValueTask PutUserCall(UserId user, UserCall call) =>
        await _writer.Do(t => (true, t.Users.Holds(user, call) ? null : new UserCallsPut(user, [call])));

    public ValueTask<IReadOnlyList<UserCall>> ListUserCalls(
        UserId user,
        UserCallFilter filter,
        CallId? before,
        int limit
    ) => Look(t => t.Users.Calls(user, filter, before, limit, _time.GetUtcNow()));

    public async ValueTask<int> MarkSeen(UserId user, IReadOnlyCollection<CallId>? calls) =>
        await _writer.Do(t =>
        {
            var unseen = t.Users.Unseen(user, _time.GetUtcNow());
            CallId[] seen = calls is null ? [.. unseen] : [.. unseen.Intersect(calls)];
            return (unseen.Count - seen.Length, seen.Length == 0 ? null : (Change?)new CallsSeen(user, seen));
        });

    public ValueTask<TimeSpan?> TakeStart(StartCounter counter, string start, int limit, TimeSpan window) =>
        ValueTask.FromResult(_starts.Take(counter, start, limit, window));

    public ValueTask GiveStartBack(StartCounter counter, string start)
    {
        _starts.GiveBack(counter, start);
        return ValueTask.CompletedTask;
    }
}
