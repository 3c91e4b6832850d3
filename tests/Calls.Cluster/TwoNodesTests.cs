using System.Text.Json;
using Calls.Caller;
using Calls.Caller.Signalling;

namespace Calls.Cluster;

/// <summary>Two servers on one Redis: whoever is connected where, it is one call, one sound and one order of events.</summary>
public sealed class TwoNodesTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    [Fact]
    public async Task Users_at_different_nodes_ring_join_and_hear_each_other()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], tone: 500, at: 0);
        await using var bob = await nodes.SignIn(users[1], tone: 900, at: 1);

        var started = (await alice.Start(channel)).Call();
        (await bob.Hears("incoming_call"))["call_id"].ShouldBe(started.Text("call_id"));
        (await bob.Join(channel)).Call().Version().ShouldBe(2);
        (await alice.Hears("participant_joined"))["user_id"].ShouldBe(users[1]);
        await bob.HearsTone(users[0], 500);
        await alice.HearsTone(users[1], 900);

        (await bob.VoiceState(channel, muted: true)).Call().Version().ShouldBe(3);
        await alice.NotHearing(users[1]);
        (await bob.Sees(channel)).ToString().ShouldBe((await alice.Sees(channel)).ToString());
        await bob.Leave(channel);
        (await alice.Hears("call_ended"))["reason"].ShouldBe("last_left");
        (await bob.Hears("call_ended"))["reason"].ShouldBe("last_left");
    }

    [Fact]
    public async Task Two_who_call_each_other_at_once_at_different_nodes_are_in_one_call_50_times()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], at: 0);
        await using var bob = await nodes.SignIn(users[1], at: 1);
        for (var i = 0; i < 50; i++)
        {
            var starts = await Task.WhenAll(
                nodes.Start(alice, channel, byRest: i % 3 == 1, at: 0),
                nodes.Start(bob, channel, byRest: i % 3 == 2, at: 1)
            );

            starts.Count(s => s.Code is null).ShouldBe(1);
            var (code, call) = starts.Single(s => s.Code is not null);
            code.ShouldBe("call_already_exists");
            call.Text("call_id").ShouldBe(starts.Single(s => s.Code is null).Call.Text("call_id"));
            var late = starts[0].Code is null ? bob : alice;
            var joined = (await late.Join(channel)).Call();
            joined.Text("status").ShouldBe("active");
            joined.Users("participants").ShouldBe(users, ignoreOrder: true);
            await late.Leave(channel);
            await alice.Hears("call_ended");
            await bob.Hears("call_ended");
        }
    }

    [Fact]
    public async Task A_start_by_REST_at_one_node_gives_the_media_to_the_connection_at_the_other()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], tone: 600, at: 0);
        await using var bob = await nodes.SignIn(users[1], at: 0);

        var (status, call) = await nodes.RestAt(1, users[0], HttpMethod.Post, $"/api/dm/{channel}/call/start");

        status.ShouldBe(201);
        call.GetProperty("voice_states")[0].Text("connection").ShouldBe("connecting");
        (await alice.Hears("media_offer"))["call_id"].ShouldBe(call.Text("call_id"));
        await bob.Hears("incoming_call");
        await bob.Join(channel);
        await bob.HearsTone(users[0], 600);
    }

    [Fact]
    public async Task Answered_at_one_node_the_device_at_the_other_stops_ringing()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], at: 0);
        await using var phone = await nodes.SignIn(users[1], "phone", at: 0);
        await using var laptop = await nodes.SignIn(users[1], "laptop", at: 1);
        await alice.Start(channel);
        await phone.Hears("incoming_call");
        await laptop.Hears("incoming_call");

        await laptop.Join(channel);

        (await phone.Hears("call_answered_elsewhere"))["action"].ShouldBe("joined");
        await phone.Join(channel);
        (await laptop.Hears("call_answered_elsewhere"))["action"].ShouldBe("moved");
    }

    [Fact]
    public async Task Signing_in_at_either_node_shows_the_live_call()
    {
        var users = nodes.People("alice", "bob");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], at: 1);
        var started = (await alice.Start(channel)).Call();

        await using var bob = await nodes.SignIn(users[1], at: 0);

        var call = bob.Ready.Body.GetProperty("calls").EnumerateArray().Single();
        call.Text("call_id").ShouldBe(started.Text("call_id"));
        call.GetProperty("ringing").GetBoolean().ShouldBeTrue();
        await alice.Leave(channel);
        (await bob.Hears("call_ended"))["reason"].ShouldBe("cancelled");
    }

    [Fact]
    public async Task A_member_removed_by_the_other_node_is_out_at_once()
    {
        var users = nodes.People("alice", "bob", "carol");
        var channel = await nodes.Channel(users);
        await using var alice = await nodes.SignIn(users[0], at: 1);
        await using var bob = await nodes.SignIn(users[1], at: 1);
        await alice.Start(channel);
        await bob.Join(channel);

        await nodes.Remove(channel, users[1]);

        var left = await alice.Hears("participant_left");
        (left["user_id"], left["cause"]).ShouldBe((users[1], "removed"));
        (await CallerTalk.RefusalOf(bob.Get(channel))).ShouldBe("call_not_found");
    }
}
