using System.Diagnostics;
using Calls.Bench.Results;

namespace Calls.Bench.Service;

/// <summary>
/// From <c>call_start</c> to the <c>incoming_call</c> of the last callee, beside what a bare server needs to append one
/// event and tell as many. One call at a time; rounds of all kinds take turns, so that whatever else the machine does
/// falls on all of them.
/// </summary>
internal static class RingBench
{
    private const int WarmUps = 300;
    private const int Rounds = 5;
    private const int SamplesPerRound = 200;

    /// <summary>Channels that take turns, so that no connection floods (50 messages a second) and every call starts an actor that is not there.</summary>
    private const int Parties = 8;

    private static readonly int[] Sizes = [2, 10];

    public static async Task<Table> Run(string store)
    {
        await using var service = await LiveService.Start(store);
        await using var bare = await BareServer.Start();
        var kinds = new List<(string Name, Func<int, Task<TimeSpan>> Sample)>();
        var open = new List<IAsyncDisposable>();
        foreach (var size in Sizes)
        {
            var parties = new List<Party>();
            for (var i = 0; i < Parties; i++)
                parties.Add(await service.Gather($"ring-{size}-{i}", size));
            open.AddRange(parties);
            kinds.Add(($"service, {size}", i => Ring(parties[i % Parties])));
            var group = await Task.WhenAll(
                Enumerable.Range(0, size - 1 == 1 ? 1 : size).Select(_ => Line.Open(Group(bare, size)))
            );
            open.AddRange(group);
            kinds.Add(($"bare, {size}", _ => Tell(group)));
        }
        for (var i = 0; i < WarmUps; i++)
            foreach (var (_, sample) in kinds)
                await sample(i);

        var rounds = kinds.ToDictionary(k => k.Name, _ => new List<Distribution>());
        for (var round = 0; round < Rounds; round++)
        {
            var samples = kinds.ToDictionary(k => k.Name, _ => new List<TimeSpan>());
            for (var i = 0; i < SamplesPerRound; i++)
                foreach (var (name, sample) in kinds)
                    samples[name].Add(await sample(i));
            foreach (var (name, taken) in samples)
                rounds[name].Add(Distribution.Of(taken));
        }
        foreach (var one in open)
            await one.DisposeAsync();
        return Report(store, rounds);
    }

    private static Uri Group(BareServer bare, int size) => new($"{bare.Address}?group={size}");

    private static async Task<TimeSpan> Ring(Party party)
    {
        var rung = new Latch(party.Lines.Length - 1);
        foreach (var callee in party.Lines.Skip(1))
            callee.Expect("incoming_call", rung);
        var started = Stopwatch.GetTimestamp();
        await party.Caller.Send(party.Message("call_start"));
        var at = await rung.Open;
        // The way back is not measured, and has ended everywhere before the next one begins.
        var over = new Latch(party.Lines.Length);
        foreach (var line in party.Lines)
            line.Expect("call_ended", over);
        await party.Caller.Ask(party.Message("call_leave"));
        await over.Open;
        return Stopwatch.GetElapsedTime(started, at);
    }

    private static async Task<TimeSpan> Tell(Line[] group)
    {
        var told = new Latch(Math.Max(1, group.Length - 1));
        foreach (var line in group.Length == 1 ? group : group[1..])
            line.Expect("incoming_call", told);
        var started = Stopwatch.GetTimestamp();
        await group[0].Send("""{"type":"call_start","id":1,"channel_id":"ring-2-0"}"""u8.ToArray());
        return Stopwatch.GetElapsedTime(started, await told.Open);
    }

    private static Table Report(string store, Dictionary<string, List<Distribution>> rounds)
    {
        var table = new Table(
            $"From `call_start` to every callee's `incoming_call`, {store} store",
            ["people", "p50 ms", "p99 ms", "bare p50 ms", "bare p99 ms", "ratio p50", "ratio p99"]
        );
        foreach (var size in Sizes)
        {
            var (own, bare) = (rounds[$"service, {size}"], rounds[$"bare, {size}"]);
            var (ring, least) = (Distribution.MedianOf(own), Distribution.MedianOf(bare));
            // The ratio is that of each round, where both had the same machine.
            var p50 = Statistics.Median(own.Zip(bare, (a, b) => a.P50 / b.P50));
            var p99 = Statistics.Median(own.Zip(bare, (a, b) => a.P99 / b.P99));
            table.Add($"{size}", ring.P50, ring.P99, least.P50, least.P99, p50, p99);
        }
        return table;
    }
}
