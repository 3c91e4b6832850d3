using static Calls.Cluster.CallerTalk;

namespace Calls.Cluster;

/// <summary>
/// Known ways in which calls on several devices go wrong elsewhere, and must not here (issue numbers 1, 2, 3 and 6), on a
/// real server and each store.
/// </summary>
public abstract class DeviceFailureTests(LiveNode node)
{
    [Fact]
    public async Task N01_An_old_sessions_leave_arrives_after_the_newer_sessions_join_and_the_newer_stays()
    {
        var (alice, bob) = (node.Fresh("alice"), node.Fresh("bob"));
        var channel = await node.Channel(alice, bob);
        await using var caller = await node.SignIn(alice);
        await using var phone = await node.SignIn(bob, "phone");
        await using var laptop = await node.SignIn(bob, "laptop");
        await caller.Start(channel);
        await phone.Join(channel);
        await laptop.Join(channel);
        (await phone.Hears("call_answered_elsewhere"))["action"].ShouldBe("moved");

        (await RefusalOf(phone.Request("call_leave", new() { ["channel_id"] = channel }))).ShouldBe(
            "invalid_transition"
        );
        phone.LoseConnection();
        await phone.Ends();

        (await laptop.VoiceState(channel, muted: true)).Call().Version().ShouldBe(3, "a move is no event");
        (await caller.Hears("participant_updated", e => e.Version == 3))
            .Body.GetProperty("voice_state")
            .Text("user_id")
            .ShouldBe(bob);
        (await caller.Sees(channel)).Users("participants").ShouldBe([alice, bob]);
    }

    [Fact]
    public async Task N01_A_leave_of_the_call_before_does_not_end_the_call_that_was_moved_to()
    {
        var people = node.People("alice", "bob", "carol");
        var (first, second) = (await node.Channel(people), await node.Channel(people));
        await using var alice = await node.SignIn(people[0]);
        await using var bob = await node.SignIn(people[1]);
        await using var carol = await node.SignIn(people[2]);
        await alice.Start(first);
        await carol.Start(second);
        await bob.Join(first);
        await bob.Join(second);
        (await alice.Hears("participant_left"))["cause"].ShouldBe("moved");

        (await node.Rest(people[1], HttpMethod.Post, $"/api/dm/{first}/call/leave")).Status.ShouldBe(409);
        (await RefusalOf(bob.Request("call_leave", new() { ["channel_id"] = first }))).ShouldBe("invalid_transition");

        (await carol.Sees(second)).Users("participants").ShouldBe([people[2], people[1]]);
    }

    [Fact]
    public async Task N02_A_second_tab_takes_over_and_the_first_tabs_leave_and_close_undo_nothing()
    {
        var (alice, bob) = (node.Fresh("alice"), node.Fresh("bob"));
        var channel = await node.Channel(alice, bob);
        await using var caller = await node.SignIn(alice, tone: 500);
        await using var first = await node.SignIn(bob, "laptop", tone: 900);
        await using var second = await node.SignIn(bob, "laptop", tone: 1300);
        await caller.Start(channel);
        await first.Join(channel);
        await caller.HearsTone(bob, 900);
        await second.Join(channel);
        (await first.Hears("call_answered_elsewhere"))["action"].ShouldBe("moved");
        await caller.HearsTone(bob, 1300);

        (await RefusalOf(first.Request("call_leave", new() { ["channel_id"] = channel }))).ShouldBe(
            "invalid_transition"
        );
        first.Vanish();
        await first.Ends();

        await second.HearsTone(alice, 500);
        caller.Media.Say(700);
        await second.HearsTone(alice, 700);
        var call = await second.Sees(channel);
        call.Version().ShouldBe(2);
        call.Users("participants").ShouldBe([alice, bob]);
    }

    [Fact]
    public async Task N03_A_second_device_stops_ringing_when_the_first_has_answered()
    {
        var (alice, bob) = (node.Fresh("alice"), node.Fresh("bob"));
        var channel = await node.Channel(alice, bob);
        await using var phone = await node.SignIn(bob, "phone");
        await using var laptop = await node.SignIn(bob, "laptop");
        await using var caller = await node.SignIn(alice);
        await caller.Start(channel);
        await laptop.Hears("incoming_call");
        await phone.Join(channel);
        (await laptop.Hears("call_answered_elsewhere"))["action"].ShouldBe("joined");
    }

    [Fact]
    public async Task N03_A_second_device_stops_ringing_when_the_answer_comes_by_REST()
    {
        var (alice, bob) = (node.Fresh("alice"), node.Fresh("bob"));
        var channel = await node.Channel(alice, bob);
        await using var phone = await node.SignIn(bob, "phone");
        await using var laptop = await node.SignIn(bob, "laptop");
        foreach (var (verb, action) in new[] { ("join", "joined"), ("decline", "declined"), ("dismiss", "dismissed") })
        {
            await using var caller = await node.SignIn(alice);
            await caller.Start(channel);
            await phone.Hears("incoming_call");
            await laptop.Hears("incoming_call");
            var path = $"/api/dm/{channel}/call/{verb}";
            (await node.Rest(bob, HttpMethod.Post, path, ("X-Device-Id", "phone"))).Status.ShouldBe(200);
            (await laptop.Hears("call_answered_elsewhere"))["action"].ShouldBe(action);
            await Quietly(caller.Leave(channel));
            await laptop.Hears("call_ended");
        }
    }

    [Fact]
    public async Task N03_A_second_device_that_was_offline_for_the_answer_does_not_ring_when_it_is_back()
    {
        var (alice, bob) = (node.Fresh("alice"), node.Fresh("bob"));
        var channel = await node.Channel(alice, bob, node.Fresh("carol"));
        await using var phone = await node.SignIn(bob, "phone");
        await using var laptop = await node.SignIn(bob, "laptop");
        await using var caller = await node.SignIn(alice);
        await caller.Start(channel);
        await laptop.Hears("incoming_call");
        laptop.LoseConnection();
        await laptop.Ends();
        await phone.Join(channel);

        await laptop.Reconnect();

        var call = laptop.Ready.Body.GetProperty("calls").EnumerateArray().Single();
        call.GetProperty("ringing").GetBoolean().ShouldBeFalse();
        call.Users("participants").ShouldContain(bob);
        (await laptop.HeardSoFar()).ShouldNotContain(e => e.Type == "incoming_call");
    }

    [Fact]
    public async Task N06_Dismissing_on_a_phone_quiets_the_desktop_and_does_not_decline_for_it()
    {
        var (alice, bob) = (node.Fresh("alice"), node.Fresh("bob"));
        var channel = await node.Channel(alice, bob);
        await using var phone = await node.SignIn(bob, "phone");
        await using var desktop = await node.SignIn(bob, "desktop");
        await using var caller = await node.SignIn(alice);
        await caller.Start(channel);
        await desktop.Hears("incoming_call");
        await phone.Dismiss(channel);
        (await desktop.Hears("call_answered_elsewhere"))["action"].ShouldBe("dismissed");

        var call = await caller.Sees(channel);
        call.Text("status").ShouldBe("ringing");
        call.Version().ShouldBe(1, "the call does not learn of it");
        call.Users("declined_by").ShouldBeEmpty();
        (await desktop.Join(channel)).Call().Text("status").ShouldBe("active");
    }

    [Fact]
    public async Task N06_The_callers_other_device_cannot_dismiss_the_callers_call()
    {
        var (alice, bob) = (node.Fresh("alice"), node.Fresh("bob"));
        var channel = await node.Channel(alice, bob);
        await using var called = await node.SignIn(bob);
        await using var caller = await node.SignIn(alice, "phone");
        await using var other = await node.SignIn(alice, "desktop");
        await caller.Start(channel);
        await called.Hears("incoming_call");
        (await RefusalOf(other.Dismiss(channel))).ShouldBe("invalid_transition");
        (await RefusalOf(other.Decline(channel))).ShouldBe("invalid_transition");
        (await called.Join(channel)).Call().Text("status").ShouldBe("active");
    }

    private static async Task Quietly(Task<System.Text.Json.JsonElement> request) => await RefusalOf(request);
}

public sealed class DeviceFailuresOnTheEmbeddedStore(EmbeddedNode node)
    : DeviceFailureTests(node),
        IClassFixture<EmbeddedNode>;

public sealed class DeviceFailuresOnRedis(RedisNode node) : DeviceFailureTests(node), IClassFixture<RedisNode>;
