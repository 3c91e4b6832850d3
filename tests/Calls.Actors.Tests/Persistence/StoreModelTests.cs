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
    public void The_embedded_store_answers_like_the_model_over_restarts_and_snapshots() => Compare(100, OnEmbedded);

    [Fact]
    public void The_redis_store_answers_like_the_model() =>
        Compare(
            60,
            async steps =>
            {
                var options = new RedisOptions
                {
                    Connection = redis.Server.Connection,
                    Deadline = TimeSpan.FromSeconds(30),
                };
                await using var store = await RedisStore.Open(
                    options,
                    TimeProvider.System,
                    new Random(1),
                    NullLogger.Instance
                );
                return await Run(store, steps);
            }
        );

    private void Compare(int cases, Func<(byte, byte, byte)[], Task<List<string>>> onStore)
    {
        HashSet<string> seen = [];
        var property = Prop.ForAll(
            ArbMap.Default.ArbFor<(byte, byte, byte)[]>(),
            steps =>
            {
                _case++;
                var model = new InMemoryStore(new VirtualTime(), new Random(1));
                var expected = Task.Run(() => Run(model, steps)).GetAwaiter().GetResult();
                var actual = Task.Run(() => onStore(steps)).GetAwaiter().GetResult();
                actual.ShouldBe(expected);
                seen.UnionWith(expected.Select(answer => answer.Split(' ')[2]));
            }
        );
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithEndSize(150));
        seen.IsSupersetOf(Enum.GetNames<AppendOutcome>()).ShouldBeTrue("the steps lead everywhere");
    }

    private async Task<List<string>> Run(ICallStore store, IEnumerable<(byte, byte, byte)> steps)
    {
        var run = new StoreRun($"x{_case}");
        foreach (var step in steps)
            await run.Do(store, step);
        return run.Answers;
    }

    /// <summary>In stretches, with a restart between them and segments so small that snapshots are made.</summary>
    private async Task<List<string>> OnEmbedded((byte, byte, byte)[] steps)
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedOptions { Path = folder.Path, SegmentBytes = 2000 };
        var (time, random, run) = (new VirtualTime(), new Random(1), new StoreRun($"x{_case}"));
        foreach (var stretch in steps.Chunk(17))
        {
            await using var store = EmbeddedStore.Open(options, time, random, NullLogger.Instance);
            foreach (var step in stretch)
                await run.Do(store, step);
        }
        return run.Answers;
    }
}
