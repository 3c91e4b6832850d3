using Xunit.Abstractions;

namespace Calls.Cluster;

/// <summary>Servers on one Redis, of which one is emptied and stops, and nobody in a call notices.</summary>
public sealed class DrainTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly TwoNodes _nodes = new();

    public Task InitializeAsync() => _nodes.InitializeAsync();

    public Task DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task A_drained_node_gives_its_calls_and_users_to_the_other_and_stops()
    {
        var users = _nodes.People("alice", "bob", "carol");
        var channel = await _nodes.Channel(users);
        await using var alice = await _nodes.SignIn(users[0], tone: 500, at: 0);
        await using var bob = await _nodes.SignIn(users[1], tone: 900, at: 1);
        await using var carol = await _nodes.SignIn(users[2], tone: 700, at: 0);
        await alice.Start(channel);
        await bob.Join(channel);
        await carol.Join(channel);
        foreach (
            var (listener, speaker, tone) in new[] { (alice, 1, 900), (alice, 2, 700), (bob, 0, 500), (carol, 1, 900) }
        )
            await listener.HearsTone(users[speaker], tone);
        await using var gaps = new Gaps((alice, users[1]), (bob, users[0]), (carol, users[1]), (bob, users[2]));

        var (status, asked) = await _nodes.Drain(at: 0, by: 1);

        (status, asked.GetProperty("draining").GetBoolean()).ShouldBe((202, true));
        var moved = await alice.Hears("server_draining", deadline: Eventually.Deadline);
        moved.Body.GetProperty("reconnect_after_ms").GetInt32().ShouldBeInRange(5000, 26000);
        await alice.Reconnect(server: _nodes.Processes[1].Url);
        await carol.Reconnect(server: _nodes.Processes[1].Url);
        (await _nodes.Processes[0].Ends()).ShouldBe(0);
        await Eventually.Holds(async () => await _nodes.SessionsAt(1) == 3, () => "all media is at the other node");
        await alice.HearsTone(users[1], 900);
        await bob.HearsTone(users[0], 500);
        await bob.HearsTone(users[2], 700);
        (await bob.Sees(channel)).Version().ShouldBe(3, "nothing has happened to the call");
        foreach (var one in new[] { alice, bob, carol })
            (await one.HeardSoFar()).ShouldNotContain(e => e.Type == "participant_left" || e.Type == "call_ended");
        foreach (var (names, gap) in gaps.Longest)
            output.WriteLine($"longest silence at {names}: {gap.TotalMilliseconds:0} ms");
        gaps.Longest.ShouldAllBe(gap => gap.Gap < TimeSpan.FromSeconds(2), "make before break");
    }

    [Fact]
    public async Task A_node_that_is_told_to_end_drains_first_and_a_ring_goes_on()
    {
        var users = _nodes.People("alice", "bob");
        var channel = await _nodes.Channel(users);
        await using var alice = await _nodes.SignIn(users[0], at: 0);
        await using var bob = await _nodes.SignIn(users[1], at: 1);
        var call = (await alice.Start(channel)).Call().Text("call_id");
        await bob.Hears("incoming_call");

        var ended = _nodes.Processes[0].Terminate();
        await alice.Hears("server_draining", deadline: Eventually.Deadline);
        (await _nodes.ReadinessOf(0)).ShouldBe("draining");
        await alice.Reconnect(server: _nodes.Processes[1].Url);
        (await bob.Join(channel)).Call().Text("call_id").ShouldBe(call);

        (await ended).ShouldBe(0);
        (await _nodes.NodesAt(1)).ShouldBe(["node-2"]);
        (await alice.Hears("participant_joined"))["user_id"].ShouldBe(users[1]);
    }

    [Fact]
    public async Task While_a_node_is_drained_new_calls_begin_at_the_other()
    {
        var users = _nodes.People("alice", "bob");
        var channel = await _nodes.Channel(users);
        await using var alice = await _nodes.SignIn(users[0], tone: 500, at: 0);
        await using var bob = await _nodes.SignIn(users[1], at: 1);
        await _nodes.Drain(at: 0, by: 0);
        await alice.Hears("server_draining", deadline: Eventually.Deadline);

        await alice.Start(channel);
        await bob.Join(channel);

        await bob.HearsTone(users[0], 500);
        await Eventually.Holds(async () => await _nodes.SessionsAt(1) > 0, () => "the call is at the other node");
        await bob.Leave(channel);
        await alice.Hears("call_ended");
    }

    [Fact]
    public async Task A_node_without_another_is_not_drained()
    {
        await using var alice = await _nodes.SignIn(_nodes.Fresh("alice"), at: 0);
        await _nodes.Processes[1].Kill();
        await Eventually.Holds(async () => (await _nodes.NodesAt(0)).Length == 1, () => "the other is gone");

        var (status, refused) = await _nodes.Drain(at: 0, by: 0);

        (status, refused.Text("code")).ShouldBe((409, "invalid_transition"));
        (await _nodes.Drain(at: 6, by: 0)).Body.Text("error")!.ShouldContain("node-1");
        (await alice.HeardSoFar()).ShouldNotContain(e => e.Type == "server_draining");
    }
}
