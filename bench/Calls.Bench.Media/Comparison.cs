using Calls.Bench.Media.Measure;

namespace Calls.Bench.Media;

/// <summary>The bench's parts: each is a number of fresh servers, those of a round one after the other.</summary>
internal sealed class Comparison(Cores cores, IReadOnlyList<SystemUnderTest> systems, int rounds, TimeSpan length)
{
    /// <summary>A voice's packets a second.</summary>
    public const double Rate = 50;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan FirstTalk = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    /// <summary>How many join in the burst, and within how long.</summary>
    public const int Joins = 300;
    public static readonly TimeSpan BurstLength = TimeSpan.FromSeconds(3);

    /// <summary>Nominal load: CPU, delay, loss, memory.</summary>
    public Task<Dictionary<SystemUnderTest, List<Round>>> Nominal(Workload work) =>
        InTurns(
            $"{work}",
            async (stage, random) =>
            {
                var before = await Fill(stage, work, random);
                stage.Rests = false;
                var round = await stage.Measure(work, Rate, WarmUp, length, random);
                return round with { Memory = (double)(stage.Memory() - before) / (work.Participants - work.Size) };
            }
        );

    /// <summary>The most that goes through.</summary>
    public Task<Dictionary<SystemUnderTest, List<Saturation>>> Saturated(Workload work) =>
        InTurns(
            $"{work} saturated",
            async (stage, random) =>
            {
                await Fill(stage, work, random);
                stage.Rests = false;
                return await Saturation.Find(Rate, rate => stage.Measure(work, rate, FirstTalk, Step, random));
            }
        );

    /// <summary>The same talk without and with many who join meanwhile.</summary>
    public Task<Dictionary<SystemUnderTest, List<(Round Quiet, Round Burst)>>> Burst(Workload work) =>
        InTurns(
            $"{work} with {Joins} joins",
            async (stage, random) =>
            {
                await Fill(stage, work, random);
                var rooms = new List<IReadOnlyList<Generator.Participant>>();
                for (var i = 0; i < Joins / 2; i++)
                    rooms.Add(await stage.Prepare(2));
                var window = BurstLength + TimeSpan.FromSeconds(1);
                var quiet = await stage.Measure(work, Rate, WarmUp, window, random);
                var measured = stage.Measure(work, Rate, TimeSpan.Zero, window, random);
                await JoinEvenly(stage, rooms);
                var burst = await measured;
                await stage.AreUp(rooms);
                return (quiet, burst);
            }
        );

    private static async Task<long> Fill(Stage stage, Workload work, Random random)
    {
        // The first room warms the server up; what that costs is no participant's.
        await stage.Fill(1, work.Size);
        await stage.Measure(work with { Rooms = 1 }, Rate, FirstTalk, FirstTalk, random);
        await stage.Hush();
        var before = stage.Memory();
        await stage.Fill(work.Rooms - 1, work.Size);
        return before;
    }

    private static async Task JoinEvenly(Stage stage, List<IReadOnlyList<Generator.Participant>> rooms)
    {
        var pause = BurstLength / Joins;
        using var ticks = new PeriodicTimer(pause);
        var joining = new List<Task>();
        foreach (var room in rooms)
        {
            await ticks.WaitForNextTickAsync();
            var first = stage.Join(room[0]);
            await ticks.WaitForNextTickAsync();
            joining.Add(After(first, () => stage.Join(room[1])));
        }
        await Task.WhenAll(joining);

        static async Task After(Task before, Func<Task> then)
        {
            await before;
            await then();
        }
    }

    private async Task<Dictionary<SystemUnderTest, List<T>>> InTurns<T>(string name, Func<Stage, Random, Task<T>> one)
    {
        var found = systems.ToDictionary(system => system, _ => new List<T>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var system in systems)
            {
                await using var stage = await Stage.Open(system, cores);
                // The same points of the 20 ms for all systems of a round.
                var outcome = await one(stage, new Random(round));
                found[system].Add(outcome);
                Console.WriteLine($"{name}, {system}, round {round + 1}: {outcome}");
            }
        }
        return found;
    }
}
