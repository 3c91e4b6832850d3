using Calls.Caller;
using Xunit.Abstractions;

namespace Calls.Cluster;

/// <summary>Two servers on one Redis, of which one dies.</summary>
public sealed class LostNodeTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly TwoNodes _nodes = new();

    public Task InitializeAsync() => _nodes.InitializeAsync();

    public Task DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task Users_of_the_living_node_hear_each_other_again_within_seconds()
    {
        const int Calls = 3; // more, and some would be placed at the other node
        var callers = new List<CallsCaller>();
        try
        {
            for (var i = 0; i < Calls; i++)
            {
                var users = _nodes.People("alice", "bob");
                var channel = await _nodes.Channel(users);
                var (alice, bob) = (
                    await _nodes.SignIn(users[0], tone: 500, at: 1),
                    await _nodes.SignIn(users[1], tone: 900, at: 1)
                );
                callers.AddRange([alice, bob]);
                (await _nodes.RestAt(0, users[0], HttpMethod.Post, $"/api/dm/{channel}/call/start")).Status.ShouldBe(
                    201
                );
                await bob.Join(channel);
                await bob.HearsTone(users[0], 500);
                await alice.HearsTone(users[1], 900);
            }
            (await _nodes.SessionsAt(1)).ShouldBe(0, "all calls run at the other node");
            await using var gaps = new Gaps([.. callers.Select((c, i) => (c, callers[i ^ 1].UserId))]);

            await _nodes.Processes[0].Kill();

            await Eventually.Holds(async () => await _nodes.SessionsAt(1) == 2 * Calls, () => "all calls are here");
            foreach (var (caller, i) in callers.Select((c, i) => (c, i)))
                await caller.HearsTone(callers[i ^ 1].UserId, i % 2 == 0 ? 900 : 500, Eventually.Deadline);
            var silences = gaps.Longest.Select(g => g.Gap).Order().ToArray();
            output.WriteLine(
                $"silence: p50 {silences[Calls].TotalMilliseconds:0} ms, longest {silences[^1].TotalMilliseconds:0} ms"
            );
            silences[^1].ShouldBeLessThan(TimeSpan.FromSeconds(15));
        }
        finally
        {
            foreach (var caller in callers)
                await caller.DisposeAsync();
        }
    }

    [Fact]
    public async Task When_the_home_dies_the_call_goes_on_at_the_other_node_and_is_heard_again()
    {
        var users = _nodes.People("alice", "bob");
        var channel = await _nodes.Channel(users);
        var alice = await _nodes.SignIn(users[0], tone: 500, at: 0);
        await using var bob = await _nodes.SignIn(users[1], tone: 900, at: 1);
        (await _nodes.NodesAt(1)).ShouldBe(["node-1", "node-2"]);
        await alice.Start(channel);
        await bob.Join(channel);
        await bob.HearsTone(users[0], 500);
        var before = await bob.Hears("media_offer");

        await _nodes.Processes[0].Kill();

        var after = await bob.Hears("media_offer", e => e["session_id"] != before["session_id"], Eventually.Deadline);
        after["call_id"].ShouldBe(before["call_id"]);
        await alice.DisposeAsync();
        await using var back = await _nodes.SignIn(users[0], tone: 700, at: 1);
        await bob.HearsTone(users[0], 700, Eventually.Deadline);
        await back.HearsTone(users[1], 900, Eventually.Deadline);
        (await _nodes.NodesAt(1)).ShouldBe(["node-2"]);
        (await bob.Sees(channel)).Version().ShouldBe(2, "nothing has happened to the call");
        await back.Leave(channel);
        (await bob.Hears("call_ended"))["reason"].ShouldBe("last_left");
    }
}
