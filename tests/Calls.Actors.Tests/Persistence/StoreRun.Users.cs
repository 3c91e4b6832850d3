using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What belongs to users, and what is over.</summary>
internal sealed partial class StoreRun
{
    /// <summary>So short that steps fill them.</summary>
    public static readonly StoreOptions Options = new() { HistoryPerUser = 5, HistoryPerChannel = 3 };

    private async Task<string> AnswerOfUsers(ICallStore store, int kind, byte a, byte b)
    {
        var (channel, user) = (new ChannelId($"{prefix}-c{a % 3}"), new UserId($"{prefix}-u{b % 3}"));
        UserId[] users = [.. Enumerable.Range(0, b % 4).Select(i => new UserId($"{prefix}-u{i}"))];
        var call = new CallId($"k{b % 7}");
        CallId? before = a % 2 == 0 ? null : call;
        switch (kind)
        {
            case 16:
                return await Look(store, channel, a, b);
            case 17:
                if (_last.TryGetValue(channel, out var last))
                    await store.Settle(channel, last.Open.Call);
                return await Unsettled(store);
            case 18:
                await store.PutSettings(user, new CallSettings((Notifications)(a % 3), [.. users]));
                return "";
            case 19:
                var settings = await store.GetSettings(user);
                return $"{settings.Notifications} {string.Join(',', settings.Blocked)}";
            case 20:
                await store.PutDismissal(user, new Dismissal(channel, call, StartedAt(a)));
                return "";
            case 21:
                var dismissals = await store.GetDismissals(channel, users);
                return string.Join(
                    ' ',
                    dismissals.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value.Call} {Text(d.Value.RingDeadline)}")
                );
            case 22 or 23:
                var missed = (a / 8 % 3) switch
                {
                    0 => MissedMark.Unseen,
                    1 => MissedMark.Seen,
                    _ => (MissedMark?)null,
                };
                await store.PutUserCall(
                    user,
                    new UserCall(
                        call,
                        channel,
                        users.FirstOrDefault(user),
                        $"{a}",
                        (CallMedia)(a % 2),
                        StartedAt(a),
                        missed
                    )
                );
                return Text(await store.ListUserCalls(user, (UserCallFilter)(a % 3), before, 1 + (a % 4)));
            case 24:
                CallId[] seen = [.. Enumerable.Range(b % 5, a % 4).Select(i => new CallId($"k{i}"))];
                return $"{await store.MarkSeen(user, a % 5 == 0 ? null : seen)} "
                    + Text(await store.ListUserCalls(user, UserCallFilter.Missed, null, 10));
            default:
                return withStarts ? await Start(store, a, b) : "";
        }
    }

    private async Task<string> Look(ICallStore store, ChannelId channel, byte a, byte b)
    {
        var call = new CallId($"{channel}-call-{a % 2}");
        var listed = await store.ListHistory(channel, b % 2 == 0 ? null : call, 1 + (b % 3));
        var found = await store.FindHistory(channel, call);
        return $"{Text(found)} in [{string.Join("; ", listed.Select(Text))}] {await Unsettled(store)}";
    }

    private async Task<string> Unsettled(ICallStore store) =>
        string.Join(
            ' ',
            (await store.ListUnsettled())
                .Where(u => u.Channel.Value.StartsWith(prefix + "-", StringComparison.Ordinal))
                .Select(u => $"{u.Channel}/{u.Call}")
                .Order(StringComparer.Ordinal)
        );

    private async Task<string> Start(ICallStore store, byte a, byte b)
    {
        var counter = new StartCounter((StartCounterKind)(a % 3), $"{prefix}-{b % 2}");
        if (a % 7 == 0)
            await store.GiveStartBack(counter, $"s{a % 5}");
        var wait = await store.TakeStart(counter, $"s{b % 5}", 1 + (a % 3), TimeSpan.FromHours(1));
        return wait is null ? "taken" : "full";
    }

    /// <summary>Few, so that some are the same instant; the last two are over before they are stored.</summary>
    private DateTimeOffset StartedAt(byte a) =>
        now
        + (a / 4 % 8) switch
        {
            6 => -Options.HistoryRetention,
            7 => -2 * Options.HistoryRetention,
            var n => TimeSpan.FromSeconds(n),
        };

    private string Text(DateTimeOffset time) => $"{(time - now).TotalSeconds}";

    private string Text(HistoryEntry? entry) =>
        entry is null ? "none" : $"{entry.Call} {Text(entry.StartedAt)} {Convert.ToHexString(entry.Payload)}";

    private string Text(IEnumerable<UserCall> calls) =>
        string.Join(
            "; ",
            calls.Select(c =>
                $"{c.Call} {c.Channel} {c.Initiator} {c.InitiatorName} {c.Media} {Text(c.StartedAt)} {c.Missed}"
            )
        );
}
