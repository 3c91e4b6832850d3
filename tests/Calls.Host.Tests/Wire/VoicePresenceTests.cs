using System.Text.Json;
using static Calls.Host.Tests.Wire.Shape;

namespace Calls.Host.Tests.Wire;

/// <summary>The call under the names of apps that do not ring.</summary>
public sealed class VoicePresenceTests(WireHost host) : IClassFixture<WireHost>
{
    [Fact]
    public async Task The_first_to_join_starts_the_call_and_the_next_ones_join_it()
    {
        var (channel, alice, bob) = await Group();
        await using var carol = await host.Connect(bob.User);
        var first = await alice.Post("join");
        first.Status.ShouldBe(201);
        Has(first.Body, CallFields);
        first.Body.Text("status").ShouldBe("ringing");
        first.Body.Text("started_by").ShouldBe(alice.User);
        (await carol.Next("incoming_call")).Text("channel_id").ShouldBe(channel);

        var second = await bob.Post("join");
        second.Status.ShouldBe(200);
        Has(second.Body, CallFields);
        second.Body.Text("call_id").ShouldBe(first.Body.Text("call_id"));
        second.Body.Text("status").ShouldBe("active");
    }

    [Fact]
    public async Task Users_are_the_voice_states_of_those_who_are_in()
    {
        var (_, alice, bob) = await Group();
        var none = await bob.Show();
        none.Status.ShouldBe(200);
        none.Body.ToString().ShouldBe("""{"users":[]}""");
        await alice.Post("join");
        await bob.Post("join");
        var two = await bob.Show();
        Has(two.Body, "users");
        two.Body.GetProperty("users").EnumerateArray().Select(u => u.Text("user_id")).ShouldBe([alice.User, bob.User]);
        foreach (var user in two.Body.GetProperty("users").EnumerateArray())
            Has(user, VoiceFields);
        await alice.Leave();
        await bob.Leave();
        // The ended call is readable still, and nobody is in it.
        (await bob.Show())
            .Body.ToString()
            .ShouldBe("""{"users":[]}""");
    }

    [Fact]
    public async Task Leave_leaves_and_a_second_leave_is_refused()
    {
        var (_, alice, bob) = await Group();
        await alice.Post("join");
        await bob.Post("join");
        var left = await bob.Leave();
        left.Status.ShouldBe(200);
        Has(left.Body, CallFields);
        left.Body.GetProperty("participants").EnumerateArray().Select(u => u.GetString()).ShouldBe([alice.User]);
        var again = await bob.Leave();
        again.Status.ShouldBe(409);
        again.Code.ShouldBe("invalid_transition");
        (await alice.Leave()).Body.Text("reason").ShouldBe("last_left");
        (await alice.Leave()).Code.ShouldBe("call_not_found");
    }

    [Fact]
    public async Task State_sets_the_switches()
    {
        var (_, alice, _) = await Group();
        (await alice.State("""{"muted":true}""")).Code.ShouldBe("call_not_found");
        await alice.Post("join");
        var muted = await alice.State("""{"muted":true}""");
        muted.Status.ShouldBe(200);
        muted.Body.GetProperty("voice_states")[0].GetProperty("muted").GetBoolean().ShouldBeTrue();
        var bad = await alice.State("""{"muted":"very"}""");
        bad.Status.ShouldBe(400);
        bad.Error.ShouldContain("muted");
    }

    [Fact]
    public async Task A_join_that_started_takes_effect_once_for_its_key()
    {
        var (_, alice, _) = await Group();
        var first = await alice.Post("join", null, ("Idempotency-Key", "k1"));
        first.Status.ShouldBe(201);
        var again = await alice.Post("join", null, ("Idempotency-Key", "k1"));
        again.Status.ShouldBe(201);
        again.Body.ToString().ShouldBe(first.Body.ToString());
        await alice.Leave();
        var late = await alice.Post("join", null, ("Idempotency-Key", "k1"));
        late.Body.ToString().ShouldBe(first.Body.ToString(), "the first answer, and no new call");
        (await alice.Show()).Body.ToString().ShouldBe("""{"users":[]}""");
    }

    [Fact]
    public async Task A_join_that_joined_takes_effect_once_for_its_key()
    {
        var (_, alice, bob) = await Group();
        await alice.Post("join");
        var first = await bob.Post("join", null, ("Idempotency-Key", "k1"));
        first.Status.ShouldBe(200);
        await bob.Leave();
        var again = await bob.Post("join", null, ("Idempotency-Key", "k1"));
        again.Status.ShouldBe(200);
        again.Body.ToString().ShouldBe(first.Body.ToString());
        (await alice.Show()).Body.GetProperty("users").GetArrayLength().ShouldBe(1, "nobody came in again");
    }

    [Fact]
    public async Task A_key_of_another_verb_is_refused()
    {
        var (_, alice, _) = await Group();
        await alice.Post("join");
        await alice.State("""{"muted":true}""", ("Idempotency-Key", "k1"));
        var refused = await alice.Post("join", null, ("Idempotency-Key", "k1"));
        refused.Status.ShouldBe(400);
        refused.Code.ShouldBe("invalid_message");
    }

    [Fact]
    public async Task All_who_join_at_once_are_in_one_call()
    {
        var users = Enumerable.Range(0, 6).Select(i => host.Fresh($"user{i}")).ToArray();
        var channel = await host.Channel(users);
        var everybody = await Task.WhenAll(users.Select(u => Presence.Of(host, channel, u)));
        var answers = await Task.WhenAll(everybody.Select(p => p.Post("join")));
        answers.Select(a => a.Status).Order().ShouldBe([200, 200, 200, 200, 200, 201]);
        answers.Select(a => a.Body.Text("call_id")).Distinct().Count().ShouldBe(1);
        var shown = await everybody[0].Show();
        shown
            .Body.GetProperty("users")
            .EnumerateArray()
            .Select(u => u.Text("user_id"))
            .ShouldBe(users, ignoreOrder: true);
    }

    [Fact]
    public async Task A_stranger_finds_nothing()
    {
        var (channel, alice, _) = await Group();
        await alice.Post("join");
        var mallory = await Presence.Of(host, channel, host.Fresh("mallory"));
        foreach (var answer in new[] { await mallory.Show(), await mallory.Post("join"), await mallory.Leave() })
        {
            answer.Status.ShouldBe(404);
            answer.Code.ShouldBe("call_not_found");
        }
    }

    [Fact]
    public async Task A_bad_body_is_answered_with_what_is_wrong()
    {
        var (_, alice, _) = await Group();
        var refused = await alice.Post("join", """{"media":"smoke"}""");
        refused.Status.ShouldBe(400);
        refused.Error.ShouldContain("media");
        (await alice.Post("join", "[]")).Error.ShouldContain("object");
        (await alice.Show()).Body.GetProperty("users").GetArrayLength().ShouldBe(0);
    }

    private async Task<(string Channel, Presence Alice, Presence Bob)> Group()
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob, host.Fresh("carol"));
        return (channel, await Presence.Of(host, channel, alice), await Presence.Of(host, channel, bob));
    }

    /// <summary>One user's client of the presence routes.</summary>
    private sealed record Presence(WireHost Host, string Path, string User, string Token)
    {
        public static async Task<Presence> Of(WireHost host, string channel, string user) =>
            new(host, $"/api/dm-groups/{channel}/voice-presence", user, await host.Token(user));

        public Task<Answer> Show() => Host.Send(HttpMethod.Get, Path, Token);

        public Task<Answer> Post(string verb, string? body = null, params (string, string)[] headers) =>
            Host.Send(HttpMethod.Post, $"{Path}/{verb}", Token, body, headers);

        public Task<Answer> Leave() => Host.Send(HttpMethod.Delete, $"{Path}/leave", Token);

        public Task<Answer> State(string body, params (string, string)[] headers) =>
            Host.Send(HttpMethod.Put, $"{Path}/state", Token, body, headers);
    }
}
