using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Actors.Tests.Persistence;

/// <summary>Histories in memory: in order, bounded, and gone in time.</summary>
public sealed class HistoriesTests
{
    private const int Most = 6;
    private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan Retention = TimeSpan.FromSeconds(100);

    [Fact]
    public void Whatever_is_put_when_they_hold_the_newest_in_order_until_their_time() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<(byte, byte, byte)[]>(),
                steps =>
                {
                    var histories = New();
                    Dictionary<(string, CallId), Entry> all = [];
                    var now = 0;
                    foreach (var (owner, call, started) in steps)
                    {
                        var entry = new Entry(new CallId($"{call % 9}"), Epoch.AddSeconds(now + (started % 40)));
                        histories.Put($"{owner % 2}", entry);
                        all[($"{owner % 2}", entry.Call)] = entry;
                        Trim(all, $"{owner % 2}");
                        now += owner % 8;
                        histories.Expire(Epoch.AddSeconds(now));
                        foreach (var over in all.Where(e => e.Value.At + Retention <= Epoch.AddSeconds(now)).ToList())
                            all.Remove(over.Key);
                    }
                    Text(histories)
                        .ShouldBe(
                            all.GroupBy(e => e.Key.Item1)
                                .OrderBy(g => g.Key, StringComparer.Ordinal)
                                .Select(g => g.Key + ": " + string.Join(' ', InOrder(g.Select(e => e.Value))))
                        );
                    histories.Expire(Epoch.AddSeconds(now + 40) + Retention);
                    Text(histories).ShouldBeEmpty("nothing is left behind");
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(100));

    private static void Trim(Dictionary<(string, CallId), Entry> all, string owner)
    {
        var entries = InOrder(all.Where(e => e.Key.Item1 == owner).Select(e => e.Value)).ToList();
        foreach (var entry in entries.Take(entries.Count - Most))
            all.Remove((owner, entry.Call));
    }

    private static IEnumerable<Entry> InOrder(IEnumerable<Entry> entries) =>
        entries.OrderBy(e => e.At).ThenBy(e => e.Call.Value, StringComparer.Ordinal);

    private static IEnumerable<string> Text(Histories<string, Entry> histories) =>
        histories
            .All.OrderBy(h => h.Owner, StringComparer.Ordinal)
            .Select(h => h.Owner + ": " + string.Join(' ', h.Entries));

    private static Histories<string, Entry> New() => new(e => e.Call, e => e.At, Most, Retention);

    private sealed record Entry(CallId Call, DateTimeOffset At);
}
