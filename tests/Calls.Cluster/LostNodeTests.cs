using Calls.Caller;

namespace Calls.Cluster;

/// <summary>Two servers on one Redis, of which one dies.</summary>
public sealed class LostNodeTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    [Fact]
    public async Task When_the_home_dies_the_call_goes_on_at_the_other_node_and_is_heard_again()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        var alice = await nodes.SignIn(users[0], tone: 500, at: 0);
        await using var bob = await nodes.SignIn(users[1], tone: 900, at: 1);
        (await nodes.NodesAt(1)).ShouldBe(["node-1", "node-2"]);
        await alice.Start(channel);
        await bob.Join(channel);
        await bob.HearsTone(users[0], 500);
        var before = await bob.Hears("media_offer");

        await nodes.Processes[0].Kill();

        var after = await bob.Hears("media_offer", e => e["session_id"] != before["session_id"], Eventually.Deadline);
        after["call_id"].ShouldBe(before["call_id"]);
        await alice.DisposeAsync();
        await using var back = await nodes.SignIn(users[0], tone: 700, at: 1);
        await bob.HearsTone(users[0], 700, Eventually.Deadline);
        await back.HearsTone(users[1], 900, Eventually.Deadline);
        (await nodes.NodesAt(1)).ShouldBe(["node-2"]);
        (await bob.Sees(channel)).Version().ShouldBe(2, "nothing has happened to the call");
        await back.Leave(channel);
        (await bob.Hears("call_ended"))["reason"].ShouldBe("last_left");
    }
}
