using Calls.Protocol;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>What the log holds of users. Not synchronised.</summary>
internal sealed class UserTables(StoreOptions options)
{
    /// <summary>Calls in one change of a snapshot: some hundred KiB, a frame that is read in one piece.</summary>
    private const int CallsPerChange = 1000;

    private readonly Dictionary<UserId, CurrentCall> _current = [];
    private readonly Dictionary<UserId, HashSet<ChannelId>> _live = [];
    private readonly Dictionary<UserId, CallSettings> _settings = [];
    private readonly Dictionary<(UserId User, ChannelId Channel), Dismissal> _dismissals = [];
    private readonly Histories<UserId, UserCall> _calls = new(
        c => c.Call,
        c => c.StartedAt,
        options.HistoryPerUser,
        options.HistoryRetention
    );

    public CurrentCall? Current(UserId user) => _current.GetValueOrDefault(user);

    public IReadOnlyList<ChannelId> Live(UserId user) => _live.TryGetValue(user, out var channels) ? [.. channels] : [];

    public CallSettings Settings(UserId user) => _settings.GetValueOrDefault(user, CallSettings.Default);

    public Dismissal? Dismissal(UserId user, ChannelId channel) => _dismissals.GetValueOrDefault((user, channel));

    public bool Holds(UserId user, UserCall call) => _calls.Holds(user, call);

    public IReadOnlyList<UserCall> Calls(
        UserId user,
        UserCallFilter filter,
        CallId? before,
        int limit,
        DateTimeOffset now
    ) => _calls.Page(user, before, limit, now, call => Fits(call, filter));

    public IReadOnlyList<CallId> Unseen(UserId user, DateTimeOffset now) =>
        [.. _calls.NewestFirst(user, now, call => Fits(call, UserCallFilter.Unseen)).Select(call => call.Call)];

    /// <summary>Sets what belongs to users; other changes are passed over.</summary>
    public void Apply(Change change)
    {
        switch (change)
        {
            case CurrentCallPut { Current: { } current } put:
                _current[put.User] = current;
                break;
            case CurrentCallPut put:
                _current.Remove(put.User);
                break;
            case LiveAdded added:
                foreach (var user in added.Users)
                    LiveOf(user).Add(added.Channel);
                break;
            case LiveRemoved removed:
                Apply(removed);
                break;
            case SettingsPut put:
                _settings[put.User] = put.Settings;
                break;
            case DismissalPut put:
                _dismissals[(put.User, put.Dismissal.Channel)] = put.Dismissal;
                break;
            case UserCallsPut put:
                foreach (var call in put.Calls)
                    _calls.Put(put.User, call);
                break;
            case CallsSeen seen:
                Apply(seen);
                break;
        }
    }

    /// <summary>Lets go of what is over.</summary>
    public void Expire(DateTimeOffset now) => _calls.Expire(now);

    /// <summary>Everything, as changes that lead from nothing to here.</summary>
    public IEnumerable<Change> Capture()
    {
        foreach (var (user, current) in _current)
            yield return new CurrentCallPut(user, current);
        foreach (var (user, channels) in _live)
        foreach (var channel in channels)
            yield return new LiveAdded(channel, [user]);
        foreach (var (user, settings) in _settings)
            yield return new SettingsPut(user, settings);
        foreach (var ((user, _), dismissal) in _dismissals)
            yield return new DismissalPut(user, dismissal);
        foreach (var (user, calls) in _calls.All)
        foreach (var some in calls.Chunk(CallsPerChange))
            yield return new UserCallsPut(user, some);
    }

    private static bool Fits(UserCall call, UserCallFilter filter) =>
        filter switch
        {
            UserCallFilter.Missed => call.Missed is not null,
            UserCallFilter.Unseen => call.Missed is MissedMark.Unseen,
            _ => true,
        };

    private void Apply(LiveRemoved removed)
    {
        foreach (var user in removed.Users)
        {
            _dismissals.Remove((user, removed.Channel));
            if (_live.TryGetValue(user, out var channels) && channels.Remove(removed.Channel) && channels.Count == 0)
                _live.Remove(user);
        }
    }

    private void Apply(CallsSeen seen)
    {
        // Whatever the time: one whose time is over is no more seen by being marked.
        foreach (var id in seen.Calls)
            if (_calls.Find(seen.User, id, DateTimeOffset.MinValue) is { Missed: MissedMark.Unseen } call)
                _calls.Put(seen.User, call with { Missed = MissedMark.Seen });
    }

    private HashSet<ChannelId> LiveOf(UserId user)
    {
        if (!_live.TryGetValue(user, out var channels))
            _live[user] = channels = [];
        return channels;
    }
}
