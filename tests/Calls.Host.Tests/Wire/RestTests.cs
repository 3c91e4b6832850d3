using System.Text.Json;

namespace Calls.Host.Tests.Wire;

public sealed class RestTests(WireHost host) : IClassFixture<WireHost>
{
    private static readonly string[] Verbs = ["start", "join", "decline", "dismiss", "leave", "end", "ring"];

    [Fact]
    public async Task Start_answers_201_with_the_ringing_call()
    {
        var dm = await Dm.Of(host);
        var answer = await dm.Alice.Post("start", """{"media":"video"}""");
        answer.Status.ShouldBe(201);
        answer.Body.Text("status").ShouldBe("ringing");
        answer.Body.Text("media").ShouldBe("video");
        answer.Body.Text("started_by").ShouldBe(dm.Alice.User);
        answer.Body.GetProperty("version").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Get_gives_null_without_a_call_and_the_call_with_one()
    {
        var dm = await Dm.Of(host);
        var none = await dm.Bob.Get();
        none.Status.ShouldBe(200);
        none.Body.ValueKind.ShouldBe(JsonValueKind.Null);
        var started = await dm.Alice.Post("start");
        var call = await dm.Bob.Get();
        call.Status.ShouldBe(200);
        call.Body.Text("call_id").ShouldBe(started.Body.Text("call_id"));
    }

    [Fact]
    public async Task Join_makes_the_call_active()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        var joined = await dm.Bob.Post("join");
        joined.Status.ShouldBe(200);
        joined.Body.Text("status").ShouldBe("active");
        joined.Body.GetProperty("version").GetInt32().ShouldBe(2);
        Users(joined.Body, "participants").ShouldBe([dm.Alice.User, dm.Bob.User], ignoreOrder: true);
    }

    [Fact]
    public async Task Decline_ends_a_call_of_two()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        var declined = await dm.Bob.Post("decline");
        declined.Status.ShouldBe(200);
        declined.Body.Text("status").ShouldBe("ended");
        declined.Body.Text("reason").ShouldBe("all_declined");
        Users(declined.Body, "declined_by").ShouldBe([dm.Bob.User]);
    }

    [Fact]
    public async Task Who_was_hung_up_on_can_call_elsewhere_at_once()
    {
        var dm = await Dm.Of(host);
        var elsewhere = await Actor.Of(host, await host.Channel(dm.Alice.User, host.Fresh("carol")), dm.Alice.User);
        for (var i = 0; i < 100; i++)
        {
            await dm.Alice.Post("start");
            await dm.Bob.Post("join");
            await dm.Bob.Post("leave");
            var started = await elsewhere.Post("start");
            started.Status.ShouldBe(201, started.Body.ToString());
            await elsewhere.Post("leave");
        }
    }

    [Fact]
    public async Task Dismiss_changes_nothing_in_the_call()
    {
        var dm = await Dm.Of(host);
        var started = await dm.Alice.Post("start");
        var dismissed = await dm.Bob.Post("dismiss");
        dismissed.Status.ShouldBe(200);
        dismissed.Body.Text("status").ShouldBe("ringing");
        dismissed.Body.GetProperty("version").GetInt32().ShouldBe(started.Body.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Leave_by_the_caller_cancels_while_it_rings()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        var left = await dm.Alice.Post("leave");
        left.Status.ShouldBe(200);
        left.Body.Text("reason").ShouldBe("cancelled");
        left.Body.GetProperty("duration_secs").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task End_by_the_initiator_ends_it_for_all()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        await dm.Bob.Post("join");
        var refused = await dm.Bob.Post("end");
        refused.Status.ShouldBe(403);
        refused.Code.ShouldBe("forbidden");
        var ended = await dm.Alice.Post("end");
        ended.Status.ShouldBe(200);
        ended.Body.Text("reason").ShouldBe("ended_by_initiator");
    }

    [Fact]
    public async Task Ring_names_whom_to_ring_again()
    {
        var (alice, bob, carol) = (host.Fresh("alice"), host.Fresh("bob"), host.Fresh("carol"));
        var channel = await host.Channel(alice, bob, carol);
        var caller = await Actor.Of(host, channel, alice);
        await caller.Post("start");
        await (await Actor.Of(host, channel, bob)).Post("decline");
        var rung = await caller.Post("ring", $$"""{"user_ids":["{{bob}}"]}""");
        rung.Status.ShouldBe(200);
        Users(rung.Body, "declined_by").ShouldBeEmpty();
    }

    [Fact]
    public async Task State_sets_the_flags_that_are_given()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        await dm.Alice.State("""{"muted":true}""");
        var answer = await dm.Alice.State("""{"deafened":true}""");
        answer.Status.ShouldBe(200);
        var own = answer.Body.GetProperty("voice_states")[0];
        own.GetProperty("muted").GetBoolean().ShouldBeTrue();
        own.GetProperty("deafened").GetBoolean().ShouldBeTrue();
        own.GetProperty("video").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_participant_without_any_connection_is_reconnecting()
    {
        var dm = await Dm.Of(host);
        await using var bob = await host.Connect(dm.Bob.User);
        var started = await dm.Alice.Post("start");
        started.Body.GetProperty("voice_states")[0].Text("connection").ShouldBe("reconnecting");
        var updated = await bob.Next("participant_updated");
        updated.GetProperty("voice_state").Text("connection").ShouldBe("reconnecting");
    }

    [Fact]
    public async Task The_header_names_the_device_that_takes_the_media()
    {
        var dm = await Dm.Of(host);
        await using var phone = await host.Connect(dm.Alice.User, "phone");
        await using var laptop = await host.Connect(dm.Alice.User, "laptop");
        await dm.Alice.Post("start", headers: ("X-Device-Id", "phone"));
        var offer = await phone.Next("media_offer");
        offer.Text("channel_id").ShouldBe(dm.Channel);
        (await laptop.TakeAll()).ShouldNotContain(m => m.Type() == "media_offer");
    }

    [Fact]
    public async Task Without_the_header_the_newest_connection_takes_the_media()
    {
        var dm = await Dm.Of(host);
        await using var phone = await host.Connect(dm.Alice.User, "phone");
        await using var laptop = await host.Connect(dm.Alice.User, "laptop");
        await dm.Alice.Post("start");
        await laptop.Next("media_offer");
        (await phone.TakeAll()).ShouldNotContain(m => m.Type() == "media_offer");
    }

    [Fact]
    public async Task The_first_device_that_signs_in_within_the_grace_takes_the_media()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        await using var phone = await host.Connect(dm.Alice.User, "phone");
        await phone.Next("media_offer");
    }

    [Fact]
    public async Task REST_and_WebSocket_see_the_same_call()
    {
        var dm = await Dm.Of(host);
        await using var bob = await host.Connect(dm.Bob.User);
        var started = await dm.Alice.Post("start");
        (await bob.Next("incoming_call")).Text("call_id").ShouldBe(started.Body.Text("call_id"));
        await bob.Call("call_join", dm.Channel);
        await dm.Alice.State("""{"muted":true}""");
        await bob.Next(m => m.Type() == "participant_updated" && m.GetProperty("version").GetInt32() == 3, "mute");
        var seen = await bob.Call("call_get", dm.Channel);
        var got = await dm.Alice.Get();
        got.Body.ToString().ShouldBe(seen.ToString());
    }

    [Fact]
    public async Task An_idempotency_key_takes_effect_once()
    {
        var dm = await Dm.Of(host);
        var first = await dm.Alice.Post("start", null, ("Idempotency-Key", "k1"));
        var again = await dm.Alice.Post("start", null, ("Idempotency-Key", "k1"));
        again.Status.ShouldBe(201);
        again.Body.Text("call_id").ShouldBe(first.Body.Text("call_id"));
        (await dm.Alice.Post("start", null, ("Idempotency-Key", "k2"))).Status.ShouldBe(409);
    }

    [Fact]
    public async Task An_idempotency_key_and_a_command_id_are_the_same_space()
    {
        var dm = await Dm.Of(host);
        var first = await dm.Alice.Post("start", null, ("Idempotency-Key", "k1"));
        await using var alice = await host.Connect(dm.Alice.User);
        var again = await alice.Call("call_start", dm.Channel, "\"command_id\":\"k1\"");
        again.Text("call_id").ShouldBe(first.Body.Text("call_id"));
        var other = $"\"channel_id\":\"{dm.Channel}\",\"command_id\":\"k1\"";
        (await alice.Refused("call_leave", other)).ShouldBe("invalid_message");
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Health_needs_no_token(string path) =>
        (await host.Send(HttpMethod.Get, path, null)).Status.ShouldBe(200);

    [Fact]
    public async Task Every_route_of_the_call_wants_a_token()
    {
        foreach (var token in new[] { null, "nonsense", await host.Token("alice", ttl: -60) })
        {
            foreach (var verb in Verbs)
                Check(await host.Send(HttpMethod.Post, $"/api/dm/x/call/{verb}", token), token);
            Check(await host.Send(HttpMethod.Get, "/api/dm/x/call", token), token);
            Check(await host.Send(HttpMethod.Put, "/api/dm/x/call/state", token, """{"muted":true}"""), token);
            Check(await host.Send(HttpMethod.Delete, "/api/admin/dm/x", token), token);
        }
        static void Check(Answer answer, string? token)
        {
            answer.Status.ShouldBe(401);
            answer.Code.ShouldBe(token?.Contains('.') == true ? "token_expired" : "unauthenticated");
            answer.Body.Fields().ShouldBe(["code", "error"]);
        }
    }

    [Fact]
    public async Task No_channel_no_call_and_no_member_look_alike()
    {
        var dm = await Dm.Of(host);
        var stranger = await Actor.Of(host, dm.Channel, host.Fresh("mallory"));
        var nowhere = await Actor.Of(host, "nowhere", dm.Alice.User);
        var answers = new List<string>();
        foreach (var verb in Verbs)
        {
            answers.Add(await NotFound(nowhere, verb));
            answers.Add(await NotFound(stranger, verb));
            if (verb != "start")
                answers.Add(await NotFound(dm.Bob, verb));
        }
        await dm.Alice.Post("start");
        foreach (var verb in Verbs)
            answers.Add(await NotFound(stranger, verb));
        answers.Distinct().Count().ShouldBe(1, string.Join('\n', answers.Distinct()));
        (await stranger.Get()).Body.ToString().ShouldBe((await nowhere.Get()).Body.ToString());
        (await stranger.Get()).Status.ShouldBe(404);
        await using var mallory = await host.Connect(stranger.User);
        var error = await mallory.Ask("call_join", $"\"channel_id\":\"{dm.Channel}\"");
        answers[0].ShouldContain($"\"{error.Text("message")}\"");
    }

    private static async Task<string> NotFound(Actor actor, string verb)
    {
        var answer = await actor.Post(verb);
        answer.Status.ShouldBe(404, verb);
        answer.Code.ShouldBe("call_not_found");
        return answer.Body.ToString();
    }

    [Fact]
    public async Task A_second_start_is_told_of_the_live_call()
    {
        var dm = await Dm.Of(host);
        var started = await dm.Alice.Post("start");
        var refused = await dm.Bob.Post("start");
        refused.Status.ShouldBe(409);
        refused.Code.ShouldBe("call_already_exists");
        refused.Body.GetProperty("call").Text("call_id").ShouldBe(started.Body.Text("call_id"));
    }

    [Fact]
    public async Task A_second_decline_is_a_conflict()
    {
        var (alice, bob, carol) = (host.Fresh("alice"), host.Fresh("bob"), host.Fresh("carol"));
        var channel = await host.Channel(alice, bob, carol);
        await (await Actor.Of(host, channel, alice)).Post("start");
        var target = await Actor.Of(host, channel, bob);
        (await target.Post("decline")).Status.ShouldBe(200);
        var refused = await target.Post("decline");
        refused.Status.ShouldBe(409);
        refused.Code.ShouldBe("invalid_transition");
    }

    [Fact]
    public async Task Starting_alone_has_no_recipients()
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob);
        await host.Admin(HttpMethod.Delete, $"/api/admin/dm/{channel}/members/{bob}");
        var refused = await (await Actor.Of(host, channel, alice)).Post("start");
        refused.Status.ShouldBe(400);
        refused.Code.ShouldBe("no_recipients");
    }

    [Theory]
    [InlineData("start", """{"media":"smoke"}""", "media")]
    [InlineData("start", """{"media":"\ud800"}""", "media")]
    [InlineData("start", """{"media":5}""", "media")]
    [InlineData("start", """[]""", "object")]
    [InlineData("start", """nonsense""", "JSON")]
    [InlineData("start", """{"media":"smoke","media":"smoke"}""", "")]
    [InlineData("start", """{"\ud800":1,"media":"smoke"}""", "")]
    [InlineData("ring", """{"user_ids":["a b"]}""", "user_ids")]
    public async Task A_bad_body_is_answered_with_what_is_wrong(string verb, string body, string named)
    {
        var dm = await Dm.Of(host);
        var refused = await dm.Alice.Post(verb, body);
        refused.Status.ShouldBe(400);
        refused.Code.ShouldBe("invalid_message");
        refused.Error.ShouldContain(named);
    }

    [Fact]
    public async Task Bad_headers_and_paths_are_named()
    {
        var dm = await Dm.Of(host);
        (await dm.Alice.Post("start", null, ("X-Device-Id", "a b"))).Error.ShouldContain("X-Device-Id");
        (await dm.Alice.Post("start", null, ("Idempotency-Key", "a b"))).Status.ShouldBe(400);
        var elsewhere = await host.Send(HttpMethod.Get, "/api/dm/a%20b/call", await host.Token(dm.Alice.User));
        elsewhere.Status.ShouldBe(400);
        elsewhere.Error.ShouldContain("channel_id");
        var state = await dm.Alice.State("{}");
        state.Status.ShouldBe(400);
        state.Error.ShouldContain("muted");
    }

    [Fact]
    public async Task A_body_beyond_64_KiB_is_refused()
    {
        var dm = await Dm.Of(host);
        var refused = await dm.Alice.Post("start", $$"""{"pad":"{{new string('x', 128 * 1024)}}"}""");
        refused.Status.ShouldBe(400);
        refused.Error.ShouldContain("128 KiB");
    }

    private static IEnumerable<string?> Users(JsonElement call, string field) =>
        call.GetProperty(field).EnumerateArray().Select(u => u.GetString());
}

/// <summary>One user's REST client in one channel.</summary>
public sealed record Actor(WireServer Host, string Channel, string User, string Token)
{
    public static async Task<Actor> Of(WireServer host, string channel, string user) =>
        new(host, channel, user, await host.Token(user));

    public Task<Answer> Get() => Host.Send(HttpMethod.Get, $"/api/dm/{Channel}/call", Token);

    public Task<Answer> Post(string verb, string? body = null, params (string, string)[] headers) =>
        Host.Send(HttpMethod.Post, $"/api/dm/{Channel}/call/{verb}", Token, body, headers);

    public Task<Answer> State(string body) => Host.Send(HttpMethod.Put, $"/api/dm/{Channel}/call/state", Token, body);
}

/// <summary>A fresh DM of two.</summary>
public sealed record Dm(string Channel, Actor Alice, Actor Bob)
{
    public static async Task<Dm> Of(WireServer host)
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob);
        return new Dm(channel, await Actor.Of(host, channel, alice), await Actor.Of(host, channel, bob));
    }
}
