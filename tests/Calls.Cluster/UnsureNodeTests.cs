using System.Globalization;
using Calls.Caller.Signalling;

namespace Calls.Cluster;

/// <summary>Two servers on one Redis, of which one cannot know whether it still counts: it was frozen, or cut off from Redis.</summary>
public sealed class UnsureNodeTests(UnsureNodes nodes) : IClassFixture<UnsureNodes>
{
    [Fact]
    public async Task A_frozen_home_that_thaws_lets_its_successor_have_the_call()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], tone: 500, at: 0);
        await using var bob = await nodes.SignIn(users[1], tone: 900, at: 1);
        await alice.Start(channel);
        await bob.Join(channel);
        await bob.HearsTone(users[0], 500);
        var before = await bob.Hears("media_offer");

        nodes.Processes[0].Freeze();
        await bob.Hears("media_offer", e => e["session_id"] != before["session_id"], Eventually.Deadline);
        alice.LoseConnection();
        await alice.Reconnect(server: nodes.Processes[1].Url);
        await bob.HearsTone(users[0], 500);
        await alice.HearsTone(users[1], 900);
        nodes.Processes[0].Thaw();

        await Eventually.Holds(
            async () => (await nodes.NodesAt(0)).Length == 2,
            () => "the frozen node is among the living again"
        );
        await bob.VoiceState(channel, muted: true);
        (
            await alice.Hears(
                "participant_updated",
                e => e.Body.GetProperty("voice_state").GetProperty("muted").GetBoolean()
            )
        )
            .Body.Version()
            .ShouldBe(3, "nothing came between");
        await alice.NotHearing(users[1]);
        (await alice.HeardSoFar()).ShouldNotContain(e => e.Type == "participant_left" || e.Type == "call_ended");
        await bob.Leave(channel);
        (await alice.Hears("call_ended"))["reason"].ShouldBe("last_left");
        await Eventually.Holds(async () => await nodes.SessionsAt(0) == 0, () => "its sessions are closed");
    }

    [Fact]
    public async Task A_frozen_home_whose_ring_was_overdue_when_it_thaws_ends_nothing()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], at: 1);
        await using var bob = await nodes.SignIn(users[1], at: 1);
        (await nodes.RestAt(0, users[0], HttpMethod.Post, $"/api/dm/{channel}/call/start")).Status.ShouldBe(201);
        var first = Expiry(await bob.Hears("incoming_call"));

        nodes.Processes[0].Freeze();
        await Eventually.Holds(
            async () => await CallerTalk.RefusalOf(alice.Ring(channel)) is null,
            () => "the call is at the other node"
        );
        var second = Expiry(await bob.Hears("incoming_call", e => Expiry(e) > first));
        await Eventually.Holds(
            () => Task.FromResult(DateTimeOffset.UtcNow > first),
            () => "the first ring would be over"
        );
        nodes.Processes[0].Thaw();

        (await bob.Hears("call_ended"))["reason"].ShouldBe("no_answer");
        DateTimeOffset.UtcNow.ShouldBeGreaterThan(second.AddMilliseconds(-100));
        bob.Unheard.ShouldNotContain(e => e.Type == "ring_stopped");

        static DateTimeOffset Expiry(SignalledEvent ring) =>
            DateTimeOffset.Parse(ring["expires_at"]!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_from_Redis_sends_its_users_to_the_others_while_they_go_on_talking()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], tone: 500, at: 0);
        await using var bob = await nodes.SignIn(users[1], tone: 900, at: 0);
        await alice.Start(channel);
        await bob.Join(channel);
        await bob.HearsTone(users[0], 500);

        nodes.LinkOf(0).Cut();
        (await alice.Ends(Eventually.Deadline)).Code.ShouldBe(1001);
        (await bob.Ends(Eventually.Deadline)).Code.ShouldBe(1001);
        (await nodes.ReadinessOf(0)).ShouldBe("cut off");
        await bob.HearsTone(users[0], 500);
        await alice.Reconnect(server: nodes.Processes[1].Url);
        await bob.Reconnect(server: nodes.Processes[1].Url);
        alice.Ready.Body.GetProperty("calls").EnumerateArray().Single().Version().ShouldBe(2);
        await alice.Hears("media_offer", e => e.ChannelId == channel, Eventually.Deadline);
        await bob.HearsTone(users[0], 500);
        await alice.HearsTone(users[1], 900);

        nodes.LinkOf(0).Mend();
        await Eventually.Holds(async () => await nodes.ReadinessOf(0) == "ready", () => "it is back");
        await Eventually.Holds(async () => (await nodes.NodesAt(1)).Length == 2, () => "the other sees it, too");
        await Eventually.Holds(async () => await nodes.SessionsAt(0) == 0, () => "it knows that the call has moved");
        await bob.Leave(channel);
        (await alice.Hears("call_ended"))["reason"].ShouldBe("last_left");
    }
}
