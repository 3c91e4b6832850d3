using System.Diagnostics;

namespace Calls.Cluster;

/// <summary>
/// The clock jumps back and forth by an hour (issue number 14), under a real server on each store: no ring and no grace
/// ends early, and none never ends.
/// </summary>
public abstract class ClockFailureTests(ClockedNode node)
{
    /// <summary>How much later than its time an end may be on a busy machine.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan[] Jumps = [TimeSpan.FromHours(1), TimeSpan.FromHours(-1)];

    [Fact]
    public async Task N14_A_ring_lasts_as_long_as_ever_when_the_clock_jumps_by_an_hour()
    {
        foreach (var jump in Jumps)
        {
            var users = node.People("alice", "bob");
            var channel = await node.Channel(users);
            await using var alice = await node.SignIn(users[0]);
            await using var bob = await node.SignIn(users[1]);
            var started = Stopwatch.GetTimestamp();
            await alice.Start(channel);
            await bob.Hears("incoming_call");
            node.Clock.Set(jump);

            var ended = await bob.Hears("call_ended");
            ended["reason"].ShouldBe("no_answer");
            Stopwatch
                .GetElapsedTime(started)
                .ShouldBeInRange(LiveNode.RingTimeout, LiveNode.RingTimeout + Late, $"{jump}");
        }
    }

    [Fact]
    public async Task N14_A_grace_lasts_as_long_as_ever_when_the_clock_jumps_by_an_hour()
    {
        foreach (var jump in Jumps)
        {
            var users = node.People("alice", "bob");
            var channel = await node.Channel(users);
            await using var alice = await node.SignIn(users[0]);
            await using var bob = await node.SignIn(users[1]);
            await alice.Start(channel);
            await bob.Join(channel);
            var started = Stopwatch.GetTimestamp();
            bob.Vanish();
            await alice.Hears(
                "participant_updated",
                e => e.Body.GetProperty("voice_state").Text("connection") == "reconnecting"
            );
            var latest = Stopwatch.GetTimestamp();
            node.Clock.Set(jump);

            (await alice.Hears("participant_left"))["cause"].ShouldBe("disconnected");
            Stopwatch.GetElapsedTime(started).ShouldBeGreaterThan(LiveNode.Grace, $"{jump}");
            Stopwatch.GetElapsedTime(latest).ShouldBeLessThan(LiveNode.Grace + Late, $"{jump}");
            var ended = await alice.Hears("call_ended");
            ended.Body.GetProperty("duration_secs").GetInt64().ShouldBeInRange(0, 60, "an hour is no part of it");
        }
    }
}

public sealed class ClockFailuresOnTheEmbeddedStore(ClockedEmbeddedNode node)
    : ClockFailureTests(node),
        IClassFixture<ClockedEmbeddedNode>;

public sealed class ClockFailuresOnRedis(ClockedRedisNode node)
    : ClockFailureTests(node),
        IClassFixture<ClockedRedisNode>;

/// <summary>A server whose wall clock a test can set.</summary>
public abstract class ClockedNode(bool onRedis) : LiveNode(onRedis), IDisposable
{
    /// <summary>The server's wall clock; a Redis has another, which is right.</summary>
    public FakeClock Clock { get; } = new();

    protected override IReadOnlyDictionary<string, string> MoreSettings => Clock.Environment;

    public void Dispose() => Clock.Dispose();
}

/// <summary>On its own append-only log.</summary>
public sealed class ClockedEmbeddedNode() : ClockedNode(onRedis: false);

/// <summary>On a real Redis.</summary>
public sealed class ClockedRedisNode() : ClockedNode(onRedis: true);
