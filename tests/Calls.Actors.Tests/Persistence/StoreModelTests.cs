using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Actors.Redis;
using Calls.TestKit;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>Whatever is done to them, the stores answer alike.</summary>
public sealed class StoreModelTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private int _case;

    [Fact]
    public void The_embedded_store_answers_like_the_model_over_restarts_and_snapshots() =>
        Compare(150, OnEmbedded, withStarts: false); // which a restart forgets

    [Fact]
    public void The_redis_store_answers_like_the_model() =>
        Compare(
            100,
            async steps =>
            {
                var options = new RedisOptions
                {
                    Connection = redis.Server.Connection,
                    Deadline = TimeSpan.FromSeconds(30),
                    Store = StoreRun.Options,
                };
                await using var store = await RedisStore.Open(
                    options,
                    TimeProvider.System,
                    new Random(1),
                    NullLogger.Instance
                );
                var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
                return await Run(store, steps, now, withStarts: true);
            },
            withStarts: true
        );

    private void Compare(int cases, Func<(byte, byte, byte)[], Task<List<string>>> onStore, bool withStarts)
    {
        HashSet<string> seen = [];
        var property = Prop.ForAll(
            ArbMap.Default.ArbFor<(byte, byte, byte)[]>(),
            steps =>
            {
                _case++;
                var time = new VirtualTime();
                var model = new InMemoryStore(time, new Random(1), StoreRun.Options);
                var expected = Task.Run(() => Run(model, steps, time.GetUtcNow(), withStarts)).GetAwaiter().GetResult();
                var actual = Task.Run(() => onStore(steps)).GetAwaiter().GetResult();
                actual.ShouldBe(expected);
                seen.UnionWith(expected.SelectMany(answer => answer.Split(' ', ';')));
            }
        );
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithEndSize(150));
        string[] starts = withStarts ? ["taken", "full"] : [];
        seen.IsSupersetOf([.. Enum.GetNames<AppendOutcome>(), .. Enum.GetNames<MissedMark>(), .. starts])
            .ShouldBeTrue("the steps lead everywhere");
    }

    private async Task<List<string>> Run(
        ICallStore store,
        IEnumerable<(byte, byte, byte)> steps,
        DateTimeOffset now,
        bool withStarts
    )
    {
        var run = new StoreRun($"x{_case}", now, withStarts);
        foreach (var step in steps)
            await run.Do(store, step);
        return run.Answers;
    }

    /// <summary>In stretches, with a restart between them and segments so small that snapshots are made.</summary>
    private async Task<List<string>> OnEmbedded((byte, byte, byte)[] steps)
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedOptions
        {
            Path = folder.Path,
            SegmentBytes = 2000,
            Store = StoreRun.Options,
        };
        var (time, random) = (new VirtualTime(), new Random(1));
        var run = new StoreRun($"x{_case}", time.GetUtcNow(), withStarts: false);
        foreach (var stretch in steps.Chunk(17))
        {
            await using var store = EmbeddedStore.Open(options, time, random, NullLogger.Instance);
            foreach (var step in stretch)
                await run.Do(store, step);
        }
        return run.Answers;
    }
}
