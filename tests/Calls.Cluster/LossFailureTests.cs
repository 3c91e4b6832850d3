using System.Globalization;
using System.Text.Json;
using Calls.Caller;
using static Calls.Cluster.CallerTalk;

namespace Calls.Cluster;

/// <summary>
/// Known ways in which calls go wrong elsewhere when something is lost or taken away, and must not here (issue numbers 5,
/// 7, 8 and 11), on a real server and each store.
/// </summary>
public abstract class LossFailureTests(LiveNode node)
{
    [Fact]
    public async Task N05_The_node_that_timed_the_ring_dies_and_the_ring_ends_all_the_same()
    {
        var users = node.People("alice", "bob");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0]);
        await using var bob = await node.SignIn(users[1]);
        await alice.Start(channel);
        var ring = await bob.Hears("incoming_call");
        var deadline = DateTimeOffset.Parse(ring["expires_at"]!, CultureInfo.InvariantCulture);

        await node.Process.Kill();
        await Eventually.Holds(
            () => Task.FromResult(DateTimeOffset.UtcNow > deadline),
            () => "the deadline passes while the node is dead"
        );
        await node.Process.Launch();
        await alice.Reconnect();
        await bob.Reconnect();

        foreach (var one in new[] { alice, bob })
            await Eventually.Holds(async () => !IsLive(await one.Sees(channel)), () => "the call has ended");
        await Eventually.Holds(
            async () => (await Missed(users[1])).SequenceEqual([ring["call_id"]]),
            () => "bob has missed it"
        );
        var (_, history) = await node.Rest(users[0], HttpMethod.Get, $"/api/dm/{channel}/calls");
        var call = history.GetProperty("calls").EnumerateArray().Single();
        call.Text("reason").ShouldBe("no_answer");
        (await alice.Start(channel)).Call().Version().ShouldBe(1, "the channel is free");

        static bool IsLive(JsonElement call) =>
            call.ValueKind == JsonValueKind.Object && call.Text("status") != "ended";

        async Task<IEnumerable<string?>> Missed(string user)
        {
            var (_, missed) = await node.Rest(user, HttpMethod.Get, "/api/me/calls?missed=true");
            return missed.GetProperty("calls").EnumerateArray().Select(call => call.Text("call_id"));
        }
    }

    [Fact]
    public async Task N07_A_call_whose_participants_all_vanished_ends_by_itself_and_stands_in_nobodys_sidebar()
    {
        var users = node.People("alice", "bob", "carol");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0], tone: 500);
        await using var bob = await node.SignIn(users[1], tone: 900);
        await using var carol = await node.SignIn(users[2]);
        await alice.Start(channel);
        await bob.Join(channel);
        await bob.HearsTone(users[0], 500);

        alice.Vanish();
        bob.Vanish();

        foreach (var _ in users.Take(2))
            (await carol.Hears("participant_left"))["cause"].ShouldBe("disconnected");
        (await carol.Hears("call_ended"))["reason"].ShouldBe("last_left");
        await NothingRings(users);
    }

    [Fact]
    public async Task N07_A_caller_who_vanished_while_it_rang_rings_nobody_on()
    {
        var users = node.People("alice", "bob");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0]);
        await using var bob = await node.SignIn(users[1]);
        await alice.Start(channel);
        await bob.Hears("incoming_call");

        alice.Vanish();

        (await bob.Hears("call_ended"))["reason"].ShouldBe("cancelled");
        await NothingRings(users);
    }

    [Fact]
    public async Task N08_After_a_resume_the_roster_is_right_although_events_passed_in_between()
    {
        var users = node.People("alice", "bob", "carol", "dave", "erin");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0]);
        await using var bob = await node.SignIn(users[1]);
        await using var carol = await node.SignIn(users[2], tone: 900);
        await using var dave = await node.SignIn(users[3]);
        await using var erin = await node.SignIn(users[4]);
        await alice.Start(channel);
        await bob.Join(channel);
        await carol.Join(channel);
        await alice.HearsTone(users[2], 900);
        carol.LoseConnection();
        await carol.Ends();
        await bob.Leave(channel);
        await dave.Join(channel);
        await dave.VoiceState(channel, muted: true);
        await erin.Decline(channel);

        await carol.Reconnect();

        var resumed = carol.Ready.Body.GetProperty("calls").EnumerateArray().Single();
        var shown = await alice.Sees(channel);
        foreach (
            var field in new[]
            {
                "call_id",
                "version",
                "status",
                "participants",
                "target_users",
                "declined_by",
                "answered_at",
            }
        )
            resumed.GetProperty(field).ToString().ShouldBe(shown.GetProperty(field).ToString(), field);
        resumed.Users("participants").ShouldBe([users[0], users[2], users[3]]);
        resumed.Users("declined_by").ShouldBe([users[4]]);
        var mute = resumed.GetProperty("voice_states").EnumerateArray().Single(v => v.Text("user_id") == users[3]);
        mute.GetProperty("muted").GetBoolean().ShouldBeTrue();
        // What comes next follows on what was resumed with.
        var next = resumed.Version() + 1;
        (await alice.VoiceState(channel, deafened: true)).Call().Version().ShouldBe(next);
        (await carol.Hears("participant_updated", e => e.Version >= next)).Version.ShouldBe(next);
    }

    [Fact]
    public async Task N11_A_member_who_is_removed_while_it_rings_stops_ringing()
    {
        var users = node.People("alice", "bob", "carol");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0]);
        await using var bob = await node.SignIn(users[1]);
        await alice.Start(channel);
        await bob.Hears("incoming_call");

        await node.Remove(channel, users[1]);

        (await bob.Hears("ring_stopped"))["reason"].ShouldBe("removed");
        await NothingRings(users[1]);
        (await RefusalOf(bob.Join(channel))).ShouldBe("call_not_found");
        (await alice.Sees(channel)).Users("target_users").ShouldBe([users[2]]);
    }

    [Fact]
    public async Task N11_A_member_who_is_removed_in_mid_call_neither_hears_nor_is_heard_any_more()
    {
        var users = node.People("alice", "bob", "carol");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0], tone: 500);
        await using var bob = await node.SignIn(users[1], tone: 900);
        await using var carol = await node.SignIn(users[2], tone: 1300);
        await alice.Start(channel);
        await bob.Join(channel);
        await carol.Join(channel);
        await bob.HearsTone(users[0], 500);
        await alice.HearsTone(users[1], 900);
        await alice.HearsTone(users[2], 1300);

        await node.Remove(channel, users[1]);
        // Another tone than before: whoever hears it, was sent it after the removal.
        alice.Media.Say(700);

        (await bob.Hears("participant_left"))["cause"].ShouldBe("removed");
        await carol.HearsTone(users[0], 700);
        await bob.NotHearing(users[0]);
        await alice.NotHearing(users[1]);
        bob.Media.HeardTones(users[0], [700]).ShouldBeEmpty();
        (await bob.HeardSoFar()).ShouldNotContain(e => e.Type == "participant_updated" && e.Version > 4);
        (await RefusalOf(bob.Get(channel))).ShouldBe("call_not_found");
        (await alice.Sees(channel)).Users("participants").ShouldBe([users[0], users[2]]);
    }

    private async Task NothingRings(params string[] users)
    {
        foreach (var user in users)
        {
            await using var again = await node.SignIn(user, "another");
            again.Ready.Body.GetProperty("calls").GetArrayLength().ShouldBe(0, $"{user}'s sidebar");
        }
    }
}

public sealed class LossFailuresOnTheEmbeddedStore(EmbeddedNode node)
    : LossFailureTests(node),
        IClassFixture<EmbeddedNode>;

public sealed class LossFailuresOnRedis(RedisNode node) : LossFailureTests(node), IClassFixture<RedisNode>;
