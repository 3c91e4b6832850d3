using System.Text.Json;
using static Calls.Host.Tests.Wire.Shape;

namespace Calls.Host.Tests.Wire;

/// <summary>Every message has exactly the fields that the contract gives it: clients in other languages are written from that alone.</summary>
public sealed class MessageShapeTests(WireHost host) : IClassFixture<WireHost>
{
    [Fact]
    public async Task Replies_and_errors()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        Has(await client.Ask("ping"), "type id result");
        Has((await client.Ask("ping")).GetProperty("result"), "");
        Has(await client.Ask("call_join", "\"channel_id\":\"nowhere\""), "type id code message");
    }

    [Fact]
    public async Task Call_and_its_voice_states_through_the_whole_life()
    {
        var dm = await Dm.Of(host);
        await using var alice = await host.Connect(dm.Alice.User);
        await using var bob = await host.Connect(dm.Bob.User);
        var calls = new[]
        {
            await alice.Call("call_start", dm.Channel),
            await bob.Call("call_join", dm.Channel),
            await bob.Call("voice_state", dm.Channel, "\"muted\":true"),
            await bob.Call("call_get", dm.Channel),
            await alice.Call("call_leave", dm.Channel),
        };
        foreach (var call in calls)
        {
            Has(call, CallFields);
            foreach (var voice in call.GetProperty("voice_states").EnumerateArray())
                Has(voice, VoiceFields);
        }
        calls.Select(c => c.Text("status")).ShouldBe(["ringing", "active", "active", "active", "ended"]);
        Has((await dm.Alice.Get()).Body, CallFields);
    }

    [Fact]
    public async Task Error_of_a_start_on_a_live_call()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        await using var bob = await host.Connect(dm.Bob.User);
        var error = await bob.Ask("call_start", $"\"channel_id\":\"{dm.Channel}\"");
        Has(error, "type id code message call");
        Has(error.GetProperty("call"), CallFields);
        var refused = await dm.Bob.Post("start");
        Has(refused.Body, "error code call");
        Has(refused.Body.GetProperty("call"), CallFields);
    }

    [Fact]
    public async Task Ready_with_a_live_call()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        await using var bob = await WireClient.Open(host.Url, await host.Token(dm.Bob.User));
        var ready = await bob.Next("ready");
        Has(ready, "type user_id device_id server_time heartbeat_ms ice_servers calls missed_calls");
        var call = ready.GetProperty("calls").EnumerateArray().ShouldHaveSingleItem();
        Has(call, CallFields + " ringing");
        call.GetProperty("ringing").GetBoolean().ShouldBeTrue();
        await using var first = await WireClient.Open(host.Url);
        await first.Send($$"""{"type":"authenticate","id":1,"token":"{{dm.Bob.Token}}"}""");
        Has(
            await first.Next("ready"),
            "type id user_id device_id server_time heartbeat_ms ice_servers calls missed_calls"
        );
    }

    [Fact]
    public async Task Starting_ringing_and_declining()
    {
        var dm = await Dm.Of(host);
        await using var alice = await host.Connect(dm.Alice.User);
        await using var bob = await host.Connect(dm.Bob.User);
        await alice.Call("call_start", dm.Channel);
        Has(await bob.Next("incoming_call"), $"{State} initiator initiator_name media started_at expires_at silent");
        Has(await bob.Next("call_started"), $"{State} initiator initiator_name media started_at");
        await alice.Call("call_ring", dm.Channel);
        Has(await alice.Next("call_ringing"), $"{State} user_ids target_users");
        await bob.Call("call_decline", dm.Channel);
        Has(await alice.Next("call_declined"), $"{State} user_id");
        Has(await alice.Next("call_ended"), $"{State} reason duration_secs ended_at");
    }

    [Fact]
    public async Task Joining_talking_and_leaving()
    {
        var dm = await Dm.Of(host);
        await using var alice = await host.Connect(dm.Alice.User);
        await using var bob = await host.Connect(dm.Bob.User, "phone");
        await using var laptop = await host.Connect(dm.Bob.User, "laptop");
        await alice.Call("call_start", dm.Channel);
        await bob.Call("call_join", dm.Channel);
        Has(await alice.Next("participant_joined"), $"{State} user_id username");
        Has(await laptop.Next("call_answered_elsewhere"), $"{State} action");
        await bob.Call("voice_state", dm.Channel, "\"muted\":true");
        var updated = await alice.Next("participant_updated");
        Has(updated, $"{State} voice_state");
        Has(updated.GetProperty("voice_state"), VoiceFields);
        await bob.Call("call_leave", dm.Channel);
        Has(await alice.Next("participant_left"), $"{State} user_id cause");
        var ended = await alice.Next("call_ended");
        Has(ended, $"{State} reason duration_secs ended_at");
        ended.GetProperty("duration_secs").ValueKind.ShouldBe(JsonValueKind.Number);
    }

    [Fact]
    public async Task A_target_who_is_no_member_any_more()
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob, host.Fresh("carol"));
        await using var client = await host.Connect(alice);
        await client.Call("call_start", channel);
        await host.Admin(HttpMethod.Delete, $"/api/admin/dm/{channel}/members/{bob}");
        Has(await client.Next("target_removed"), $"{State} user_id");
    }

    [Fact]
    public async Task Media_offer_and_its_tracks()
    {
        var dm = await Dm.Of(host);
        await using var alice = await host.Connect(dm.Alice.User);
        await alice.Call("call_start", dm.Channel);
        var offer = await alice.Next("media_offer");
        Has(offer, "type channel_id call_id session_id revision sdp tracks ice_servers");
        offer.GetProperty("revision").GetInt32().ShouldBe(1);
        foreach (var track in offer.GetProperty("tracks").EnumerateArray())
            Has(track, "mid user_id kind source");
    }

    [Fact]
    public async Task Versions_go_up_by_one_and_every_member_hears_each()
    {
        var dm = await Dm.Of(host);
        await using var alice = await host.Connect(dm.Alice.User);
        await using var bob = await host.Connect(dm.Bob.User);
        await alice.Call("call_start", dm.Channel);
        await bob.Call("call_join", dm.Channel);
        await bob.Call("voice_state", dm.Channel, "\"muted\":true");
        await alice.Call("voice_state", dm.Channel, "\"deafened\":true");
        await bob.Call("call_leave", dm.Channel);
        await alice.Next("call_ended");
        await bob.Next("call_ended");
        string[] journaled = ["participant_joined", "participant_left", "participant_updated"];
        var versions = (await alice.TakeAll())
            .Where(m => journaled.Contains(m.Type()))
            .Select(m => m.GetProperty("version").GetInt32())
            .Distinct();
        versions.ShouldBe([2, 3, 4, 5]);
    }

    [Fact]
    public async Task Times_are_UTC_with_milliseconds()
    {
        var dm = await Dm.Of(host);
        var call = (await dm.Alice.Post("start")).Body;
        foreach (var field in new[] { "started_at", "expires_at" })
            call.Text(field)!.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
    }
}
