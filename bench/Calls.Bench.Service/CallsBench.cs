using System.Collections.Concurrent;
using System.Diagnostics;
using Calls.Bench.Results;

namespace Calls.Bench.Service;

/// <summary>Whole calls (start, join, leave, ended at both) on one node, as many as it does; a call's time is from the start to the last one's <c>call_ended</c>.</summary>
internal static class CallsBench
{
    /// <summary>Pairs that call at the same time: at 50 messages a second each they could make 2,500 calls a second.</summary>
    private const int Pairs = 100;

    private const int Rounds = 3;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(8);

    public static async Task<Table> Run()
    {
        string[] stores = ["embedded", "redis"];
        var table = new Table(
            $"Full calls on one node, {Pairs} pairs calling at once",
            ["store", "calls/s", "p50 ms", "p99 ms"]
        );
        var rates = stores.ToDictionary(s => s, _ => new List<double>());
        var times = stores.ToDictionary(s => s, _ => new List<Distribution>());
        var running = new List<(string Store, LiveService Service, List<Party> Pairs)>();
        foreach (var store in stores)
        {
            var service = await LiveService.Start(store);
            var pairs = new List<Party>();
            for (var i = 0; i < Pairs; i++)
                pairs.Add(await service.Gather($"pair-{i}", 2));
            running.Add((store, service, pairs));
            await Call(pairs, WarmUp);
        }
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (store, _, pairs) in running)
            {
                var samples = await Call(pairs, Round);
                rates[store].Add(samples.Count / Round.TotalSeconds);
                times[store].Add(Distribution.Of(samples));
            }
        }
        foreach (var (store, service, pairs) in running)
        {
            var time = Distribution.MedianOf(times[store]);
            table.Add(store, Statistics.Median(rates[store]), time.P50, time.P99);
            foreach (var pair in pairs)
                await pair.DisposeAsync();
            await service.DisposeAsync();
        }
        return table;
    }

    private static async Task<IReadOnlyCollection<TimeSpan>> Call(IEnumerable<Party> pairs, TimeSpan time)
    {
        var samples = new ConcurrentBag<TimeSpan>();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(pairs.Select(One));
        return samples;

        async Task One(Party pair)
        {
            while (Stopwatch.GetElapsedTime(began) < time)
                samples.Add(await Call(pair));
        }
    }

    private static async Task<TimeSpan> Call(Party pair)
    {
        var (alice, bob) = (pair.Lines[0], pair.Lines[1]);
        var over = new Latch(2);
        alice.Expect("call_ended", over);
        bob.Expect("call_ended", over);
        var rung = bob.Expect("incoming_call");
        var started = Stopwatch.GetTimestamp();
        await alice.Ask(pair.Message("call_start"));
        await rung.Open;
        await bob.Ask(pair.Message("call_join"));
        await alice.Ask(pair.Message("call_leave"));
        return Stopwatch.GetElapsedTime(started, await over.Open);
    }
}
