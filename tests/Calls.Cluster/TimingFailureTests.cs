using System.Text.Json;
using Calls.Caller;
using Calls.Caller.Signalling;
using static Calls.Cluster.CallerTalk;

namespace Calls.Cluster;

/// <summary>
/// Known ways in which calls go wrong elsewhere when two things happen at once, late or twice, and must not here (issue
/// numbers 4, 9, 10, 13 and 15), on a real server and each store.
/// </summary>
public abstract class TimingFailureTests(LiveNode node)
{
    private const int Glares = 200;

    private const int Races = 50;

    /// <summary>So many calls on one connection; more would be a flood.</summary>
    private const int CallsPerConnection = 10;

    [Fact]
    public async Task N04_Two_users_who_call_each_other_at_once_are_in_one_call_200_times()
    {
        var users = node.People("alice", "bob");
        var channel = await node.Channel(users);
        var calls = new HashSet<string>();
        for (var i = 0; i < Glares; i += CallsPerConnection)
        {
            await using var alice = await node.SignIn(users[0]);
            await using var bob = await node.SignIn(users[1]);
            for (var j = 0; j < CallsPerConnection; j++)
                calls.Add(await Glare(alice, bob, i + j));
            foreach (var one in new[] { alice, bob })
                (await one.HeardSoFar()).ShouldNotContain(e => e.Type == "incoming_call" || e.Type == "call_ended");
        }
        calls.Count.ShouldBe(Glares);

        async Task<string> Glare(CallsCaller alice, CallsCaller bob, int i)
        {
            // All four ways: each by WebSocket or by REST, and either's word goes out first.
            var starts = new[]
            {
                node.Start(alice, channel, byRest: i % 2 == 1),
                node.Start(bob, channel, byRest: i / 2 % 2 == 1),
            };
            var answers = await Task.WhenAll(starts);
            answers.Count(a => a.Code is null).ShouldBe(1, "one of the two makes the call");
            var lost = Array.FindIndex(answers, a => a.Code is not null);
            answers[lost].Code.ShouldBe("call_already_exists");
            var (loser, winner) = lost == 0 ? (alice, bob) : (bob, alice);
            var call = answers[1 - lost].Call.Text("call_id")!;
            answers[lost].Call.Text("call_id").ShouldBe(call, "the error says which one to join");
            var joined = (await loser.Join(channel)).Call();
            joined.Text("call_id").ShouldBe(call);
            joined.Users("participants").ShouldBe([winner.UserId, loser.UserId]);
            (await loser.Hears("incoming_call"))["call_id"].ShouldBe(call);
            var came = await winner.Hears("participant_joined", e => e["call_id"] == call);
            came.UserId.ShouldBe(loser.UserId);
            (await winner.Sees(channel)).Version().ShouldBe(2);
            await winner.Leave(channel);
            foreach (var one in new[] { alice, bob })
                (await one.Hears("call_ended"))["call_id"].ShouldBe(call);
            return call;
        }
    }

    [Fact]
    public async Task N09_A_redial_within_the_5_seconds_after_the_end_is_a_new_call()
    {
        var users = node.People("alice", "bob");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0]);
        await using var bob = await node.SignIn(users[1]);
        var before = (await alice.Start(channel)).Call().Text("call_id");
        await bob.Hears("incoming_call");
        (await bob.Decline(channel)).Call().Text("status").ShouldBe("ended");
        (await alice.Sees(channel)).Text("status").ShouldBe("ended", "it is readable still");

        var again = (await alice.Start(channel)).Call();

        again.Text("call_id").ShouldNotBe(before);
        again.Version().ShouldBe(1);
        (await bob.Hears("incoming_call"))["call_id"].ShouldBe(again.Text("call_id"));
        // When the old one's readable time is over, nothing of that touches the new one.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Eventually.Holds(
            () => Task.FromResult(clock.Elapsed > TimeSpan.FromSeconds(5.5)),
            () => "the old call is forgotten"
        );
        (await bob.Sees(channel)).Text("call_id").ShouldBe(again.Text("call_id"));
        (await bob.Join(channel)).Call().Text("status").ShouldBe("active");
    }

    [Fact]
    public async Task N10_Late_declines_declines_by_strangers_to_the_ring_double_joins_and_double_leaves_change_nothing()
    {
        var users = node.People("alice", "bob", "carol", "dave");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0]);
        await using var phone = await node.SignIn(users[1], "phone");
        await using var laptop = await node.SignIn(users[1], "laptop");
        await using var carol = await node.SignIn(users[2]);
        await alice.Start(channel);
        await phone.Join(channel);

        (await RefusalOf(laptop.Decline(channel))).ShouldBe("invalid_transition", "late: joined meanwhile");
        (await RefusalOf(alice.Decline(channel))).ShouldBe("invalid_transition", "who called was never rung");
        await node.Remove(channel, users[3]);
        await using var dave = await node.SignIn(users[3]);
        (await RefusalOf(dave.Decline(channel))).ShouldBe("call_not_found", "no member any more");
        var version = (await alice.Sees(channel)).Version();
        (await phone.Join(channel)).Call().Version().ShouldBe(version, "in already");
        await carol.Join(channel);
        await carol.Leave(channel);
        (await RefusalOf(carol.Leave(channel))).ShouldBe("invalid_transition", "out already");
        (await RefusalOf(carol.Decline(channel))).ShouldBe("invalid_transition", "was in");
        var call = await alice.Sees(channel);
        call.Version().ShouldBe(version + 2, "one join and one leave");
        call.Users("participants").ShouldBe([users[0], users[1]]);
        call.Users("declined_by").ShouldBeEmpty();

        await phone.Leave(channel);
        await alice.Leave(channel);
        (await RefusalOf(carol.Decline(channel))).ShouldBe("call_not_found", "over");
        (await RefusalOf(alice.Leave(channel))).ShouldBe("call_not_found", "over");
    }

    [Fact]
    public async Task N13_The_caller_hangs_up_in_the_instant_of_the_callees_join_and_both_see_one_outcome()
    {
        var users = node.People("alice", "bob");
        var channel = await node.Channel(users);
        for (var i = 0; i < Races; i += CallsPerConnection)
        {
            await using var alice = await node.SignIn(users[0]);
            await using var bob = await node.SignIn(users[1]);
            for (var j = 0; j < CallsPerConnection; j++)
                await Race(alice, bob, callerFirst: j % 2 == 0);
        }

        async Task Race(CallsCaller alice, CallsCaller bob, bool callerFirst)
        {
            await alice.Start(channel);
            await bob.Hears("incoming_call");
            var (leaving, joining) = callerFirst
                ? (alice.Leave(channel), RefusalOf(bob.Join(channel)))
                : Swap(RefusalOf(bob.Join(channel)), alice.Leave(channel));
            var left = (await leaving).Call();
            var refusal = await joining;

            var reason = left.Text("reason")!;
            reason.ShouldBe(refusal is null ? "last_left" : "cancelled");
            (refusal ?? "call_not_found").ShouldBe("call_not_found");
            foreach (var one in new[] { alice, bob })
            {
                (await one.Hears("call_ended"))["reason"].ShouldBe(reason);
                (await one.Sees(channel)).ToString().ShouldBe(left.ToString());
            }
        }

        static (Task<JsonElement>, Task<string?>) Swap(Task<string?> joining, Task<JsonElement> leaving) =>
            (leaving, joining);
    }

    [Fact]
    public async Task N15_A_client_that_lost_the_answer_repeats_its_command_and_gets_the_same_answer_to_one_effect()
    {
        var users = node.People("alice", "bob", "carol");
        var channel = await node.Channel(users);
        await using var alice = await node.SignIn(users[0]);
        await using var bob = await node.SignIn(users[1]);
        await LosesTheAnswer(alice, "call_start", "s1");
        var ring = await bob.Hears("incoming_call");

        var start = (await alice.Start(channel, commandId: "s1")).Call();
        start.Text("call_id").ShouldBe(ring["call_id"]);
        start.Version().ShouldBe(1);
        var path = $"/api/dm/{channel}/call/start";
        var byRest = await node.Rest(users[0], HttpMethod.Post, path, ("Idempotency-Key", "s1"));
        byRest.Status.ShouldBe(201);
        byRest.Body.ToString().ShouldBe(start.ToString());
        (await bob.HeardSoFar()).ShouldNotContain(e => e.Type == "incoming_call", "it rang once");

        await LosesTheAnswer(bob, "call_decline", "d1");
        await alice.Hears("call_declined");
        var declined = (await bob.Decline(channel, "d1")).Call();
        declined.Users("declined_by").ShouldBe([users[1]]);
        (await alice.Sees(channel)).Version().ShouldBe(2);

        await LosesTheAnswer(alice, "call_leave", "l1");
        await bob.Hears("call_ended");
        (await alice.Leave(channel, "l1")).Call().Text("reason").ShouldBe("cancelled");

        async Task LosesTheAnswer(CallsCaller caller, string type, string command)
        {
            // Another device of the same user sees when the first effect is there.
            await using var witness = await node.SignIn(caller.UserId, "witness");
            await caller.SendRaw(
                $$"""{"type":"{{type}}","id":"lost","channel_id":"{{channel}}","command_id":"{{command}}"}"""
            );
            await witness.Hears(
                type switch
                {
                    "call_start" => "call_started",
                    "call_decline" => "call_declined",
                    _ => "participant_left",
                }
            );
            caller.LoseConnection();
            await caller.Ends();
            await caller.Reconnect();
        }
    }
}

public sealed class TimingFailuresOnTheEmbeddedStore(EmbeddedNode node)
    : TimingFailureTests(node),
        IClassFixture<EmbeddedNode>;

public sealed class TimingFailuresOnRedis(RedisNode node) : TimingFailureTests(node), IClassFixture<RedisNode>;
