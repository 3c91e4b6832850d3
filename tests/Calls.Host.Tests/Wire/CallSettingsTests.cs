using System.Text.Json;
using static Calls.Host.Tests.Wire.Shape;

namespace Calls.Host.Tests.Wire;

/// <summary>What a user sets about being called, and what it does to rings: told to nobody else.</summary>
public sealed class CallSettingsTests(WireHost host) : IClassFixture<WireHost>
{
    private const string Path = "/api/me/call-settings";

    [Fact]
    public async Task Who_has_set_nothing_is_rung_by_everybody()
    {
        var settings = await host.Send(HttpMethod.Get, Path, await host.Token(host.Fresh("alice")));
        settings.Status.ShouldBe(200);
        settings.Body.ToString().ShouldBe("""{"notifications":"normal","blocked":[]}""");
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("quiet")]
    [InlineData("do_not_disturb")]
    public async Task What_is_put_is_what_is_got(string notifications)
    {
        var token = await host.Token(host.Fresh("alice"));
        var body = $$"""{"notifications":"{{notifications}}","blocked":["bob","carol"]}""";
        var put = await host.Send(HttpMethod.Put, Path, token, body);
        put.Status.ShouldBe(200);
        put.Body.ToString().ShouldBe(body);
        (await host.Send(HttpMethod.Get, Path, token)).Body.ToString().ShouldBe(body);
    }

    [Fact]
    public async Task As_many_can_be_blocked_as_one_may_have_whatever_the_length_of_their_ids()
    {
        var token = await host.Token(host.Fresh("alice"));
        var most = Enumerable.Range(0, 1000).Select(i => $"\"{i:d64}\"");
        var body = $$"""{"notifications":"normal","blocked":[{{string.Join(',', most)}}]}""";
        (await host.Send(HttpMethod.Put, Path, token, body)).Status.ShouldBe(200);
        (await host.Send(HttpMethod.Get, Path, token)).Body.ToString().ShouldBe(body);
    }

    [Fact]
    public async Task What_a_change_does_not_name_stays()
    {
        var token = await host.Token(host.Fresh("alice"));
        await host.Send(HttpMethod.Put, Path, token, """{"notifications":"quiet","blocked":["bob"]}""");
        (await host.Send(HttpMethod.Put, Path, token, """{"notifications":"do_not_disturb"}"""))
            .Body.ToString()
            .ShouldBe("""{"notifications":"do_not_disturb","blocked":["bob"]}""");
        (await host.Send(HttpMethod.Put, Path, token, """{"blocked":[]}"""))
            .Body.ToString()
            .ShouldBe("""{"notifications":"do_not_disturb","blocked":[]}""");
        (await host.Send(HttpMethod.Put, Path, token, "{}"))
            .Body.ToString()
            .ShouldBe("""{"notifications":"do_not_disturb","blocked":[]}""");
    }

    [Theory]
    [InlineData("""{"notifications":"loud"}""", "notifications")]
    [InlineData("""{"notifications":5}""", "notifications")]
    [InlineData("""{"notifications":["quiet"]}""", "notifications")]
    [InlineData("""{"blocked":"bob"}""", "blocked")]
    [InlineData("""{"blocked":{"bob":true}}""", "blocked")]
    [InlineData("""{"blocked":[5]}""", "blocked[0]")]
    [InlineData("""{"blocked":["bob",null]}""", "blocked[1]")]
    [InlineData("""{"blocked":["a b"]}""", "blocked[0]")]
    [InlineData("""{"blocked":[""]}""", "blocked[0]")]
    [InlineData("""{"blocked":["\ud800"]}""", "blocked[0]")]
    [InlineData("""{"notifications":"quiet","blocked":["a b"]}""", "blocked[0]")]
    [InlineData("""[]""", "object")]
    [InlineData("nonsense", "JSON")]
    public async Task A_bad_value_is_named_and_changes_nothing(string body, string named)
    {
        var token = await host.Token(host.Fresh("alice"));
        await host.Send(HttpMethod.Put, Path, token, """{"blocked":["carol"]}""");
        await Refused(token, body, named);
        (await host.Send(HttpMethod.Get, Path, token))
            .Body.ToString()
            .ShouldBe("""{"notifications":"normal","blocked":["carol"]}""");
    }

    [Fact]
    public async Task Nobody_blocks_themselves()
    {
        var user = host.Fresh("alice");
        await Refused(await host.Token(user), $$"""{"blocked":["bob","{{user}}"]}""", "blocked");
    }

    [Fact]
    public async Task A_thousand_can_be_blocked_and_no_more()
    {
        var token = await host.Token(host.Fresh("alice"));
        var thousand = Enumerable.Range(1, 1000).Select(i => $"\"user-{i}\"").ToArray();
        await Refused(token, $$"""{"blocked":[{{string.Join(',', thousand)}},"one-more"]}""", "blocked");
        var put = await host.Send(HttpMethod.Put, Path, token, $$"""{"blocked":[{{string.Join(',', thousand)}}]}""");
        put.Status.ShouldBe(200);
        put.Body.GetProperty("blocked").GetArrayLength().ShouldBe(1000);
    }

    [Fact]
    public async Task Quiet_is_told_without_a_sound()
    {
        var dm = await Dm.Of(host);
        await Put(dm.Bob, """{"notifications":"quiet"}""");
        await using var bob = await host.Connect(dm.Bob.User);
        await dm.Alice.Post("start");
        var ring = await bob.Next("incoming_call");
        Has(ring, $"{State} initiator initiator_name media started_at expires_at silent");
        ring.GetProperty("silent").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_not_to_be_disturbed_is_unavailable_and_finds_a_missed_call_that_stands_nowhere_else()
    {
        var dm = await Dm.Of(host);
        await Put(dm.Bob, """{"notifications":"do_not_disturb"}""");
        await using var bob = await host.Connect(dm.Bob.User);
        await using var alice = await host.Connect(dm.Alice.User);

        var refused = await alice.Ask("call_start", $"\"channel_id\":\"{dm.Channel}\"");
        Has(refused, "type id code message");
        refused.Text("code").ShouldBe("user_unavailable");
        var missed = await bob.Next("missed_call");
        Has(missed, $"{State} initiator initiator_name media started_at");
        missed.GetProperty("version").GetInt32().ShouldBe(0);
        missed.Text("initiator").ShouldBe(dm.Alice.User);
        (await bob.TakeAll()).ShouldBeEmpty();
        (await dm.Alice.Get()).Body.ValueKind.ShouldBe(JsonValueKind.Null);

        var listed = await host.Send(HttpMethod.Get, "/api/me/calls?missed=true", dm.Bob.Token);
        listed.Body.GetProperty("calls")[0].Text("call_id").ShouldBe(missed.Text("call_id"));
        foreach (var path in new[] { "/api/me/calls", $"/api/dm/{dm.Channel}/calls" })
        foreach (var token in new[] { dm.Alice.Token, dm.Bob.Token })
            (await host.Send(HttpMethod.Get, path, token)).Body.GetProperty("calls").GetArrayLength().ShouldBe(0, path);
    }

    [Fact]
    public async Task A_block_and_not_to_be_disturbed_are_answered_alike_by_REST()
    {
        var bodies = new List<string>();
        foreach (var blocks in new[] { true, false })
        {
            var dm = await Dm.Of(host);
            await Put(
                dm.Bob,
                blocks ? $$"""{"blocked":["{{dm.Alice.User}}"]}""" : """{"notifications":"do_not_disturb"}"""
            );
            var refused = await dm.Alice.Post("start");
            refused.Status.ShouldBe(409);
            refused.Code.ShouldBe("user_unavailable");
            Has(refused.Body, "code error");
            bodies.Add(refused.Body.ToString());
        }
        bodies[0].ShouldBe(bodies[1]);
    }

    [Fact]
    public async Task Whom_the_caller_has_blocked_does_not_hear_the_ring()
    {
        var dm = await Dm.Of(host);
        await Put(dm.Alice, $$"""{"blocked":["{{dm.Bob.User}}"]}""");
        await using var bob = await host.Connect(dm.Bob.User);
        await dm.Alice.Post("start");
        await bob.Next("call_started");
        await dm.Alice.Post("leave");
        await bob.Next("call_ended");
        (await bob.TakeAll()).Select(m => m.Type()).ShouldNotContain("incoming_call");
        var missed = await host.Send(HttpMethod.Get, "/api/me/calls?missed=true", dm.Bob.Token);
        missed.Body.GetProperty("calls").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_blocked_leaves_no_missed_call()
    {
        var dm = await Dm.Of(host);
        await Put(dm.Bob, $$"""{"blocked":["{{dm.Alice.User}}"]}""");
        await using var bob = await host.Connect(dm.Bob.User);
        (await dm.Alice.Post("start")).Code.ShouldBe("user_unavailable");
        (await bob.TakeAll()).ShouldBeEmpty();
        var missed = await host.Send(HttpMethod.Get, "/api/me/calls?missed=true", dm.Bob.Token);
        missed.Body.GetProperty("calls").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_block_while_it_rings_stops_that_ring_on_all_devices_and_shows_nowhere()
    {
        var dm = await Dm.Of(host);
        await using var alice = await host.Connect(dm.Alice.User);
        await using var phone = await host.Connect(dm.Bob.User, "phone");
        await using var laptop = await host.Connect(dm.Bob.User, "laptop");
        var started = await alice.Call("call_start", dm.Channel);
        await phone.Next("incoming_call");
        await Put(dm.Bob, $$"""{"blocked":["{{dm.Alice.User}}"]}""");

        foreach (var device in new[] { phone, laptop })
        {
            var stopped = await device.Next("ring_stopped");
            Has(stopped, $"{State} reason");
            stopped.Text("reason").ShouldBe("blocked");
            stopped.Text("call_id").ShouldBe(started.Text("call_id"));
        }
        var shown = await alice.Call("call_get", dm.Channel);
        shown.Text("status").ShouldBe("ringing");
        shown.GetProperty("version").GetInt32().ShouldBe(1);
        shown.GetProperty("target_users").ToString().ShouldBe(started.GetProperty("target_users").ToString());
        (await alice.TakeAll()).Select(m => m.Type()).ShouldNotContain("ring_stopped");
        await alice.Call("call_leave", dm.Channel);
        await phone.Next("call_ended");
        var ready = await WireClient.Open(host.Url, dm.Bob.Token);
        await using (ready)
            (await ready.Next("ready")).GetProperty("missed_calls").GetArrayLength().ShouldBe(0);
        (await phone.TakeAll()).Select(m => m.Type()).ShouldNotContain("missed_call");
    }

    private async Task Put(Actor user, string body) =>
        (await host.Send(HttpMethod.Put, Path, user.Token, body)).Status.ShouldBe(200);

    private async Task Refused(string token, string body, string named)
    {
        var refused = await host.Send(HttpMethod.Put, Path, token, body);
        refused.Status.ShouldBe(400, refused.Body.ToString());
        refused.Code.ShouldBe("invalid_message");
        refused.Error.ShouldContain(named);
    }
}
