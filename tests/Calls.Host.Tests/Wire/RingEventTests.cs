using System.Text.Json;
using static Calls.Host.Tests.Wire.Shape;

namespace Calls.Host.Tests.Wire;

/// <summary>What only the users hear whom a call rings: the ring, its reminder, its end, and that they missed it.</summary>
public sealed class RingEventTests(ShortRingHost host) : IClassFixture<ShortRingHost>
{
    private const string RingFields = $"{State} initiator initiator_name media started_at expires_at silent";

    private const string MissedEvent = $"{State} initiator initiator_name media started_at";

    [Fact]
    public async Task Half_way_through_the_ring_devices_that_still_ring_are_reminded_once()
    {
        var dm = await Dm.Of(host);
        await using var phone = await host.Connect(dm.Bob.User, "phone");
        await using var laptop = await host.Connect(dm.Bob.User, "laptop");
        await dm.Alice.Post("start");
        foreach (var device in new[] { phone, laptop })
        {
            var first = await device.Next("incoming_call");
            Has(first, RingFields);
            var second = await device.Next("incoming_call");
            Has(second, $"{RingFields} reminder");
            second.GetProperty("reminder").GetBoolean().ShouldBeTrue();
            foreach (var field in RingFields.Split(' '))
                second.GetProperty(field).ToString().ShouldBe(first.GetProperty(field).ToString(), field);
            await device.Next("call_ended");
            (await device.TakeAll()).Select(m => m.Type()).ShouldNotContain("incoming_call");
        }
    }

    [Fact]
    public async Task Who_has_dismissed_is_not_reminded_and_has_missed_it()
    {
        var dm = await Dm.Of(host);
        await using var bob = await host.Connect(dm.Bob.User);
        await dm.Alice.Post("start");
        await bob.Next("incoming_call");
        await bob.Call("call_dismiss", dm.Channel);
        (await bob.Next("call_ended")).Text("reason").ShouldBe("no_answer");
        Has(await bob.Next("missed_call"), MissedEvent);
        (await bob.TakeAll()).Select(m => m.Type()).ShouldNotContain("incoming_call");
    }

    [Fact]
    public async Task A_ring_that_nobody_answers_is_a_missed_call_on_all_devices_and_at_the_next_sign_in()
    {
        var dm = await Dm.Of(host);
        await using var alice = await host.Connect(dm.Alice.User);
        await using var phone = await host.Connect(dm.Bob.User, "phone");
        await using var laptop = await host.Connect(dm.Bob.User, "laptop");
        var started = await alice.Call("call_start", dm.Channel, "\"media\":\"video\"");
        foreach (var device in new[] { phone, laptop })
        {
            (await device.Next("call_ended")).Text("reason").ShouldBe("no_answer");
            var missed = await device.Next("missed_call");
            Has(missed, MissedEvent);
            missed.Text("call_id").ShouldBe(started.Text("call_id"));
            missed.Text("initiator").ShouldBe(dm.Alice.User);
            missed.Text("media").ShouldBe("video");
            missed.Text("started_at").ShouldBe(started.Text("started_at"));
            missed.GetProperty("version").GetInt32().ShouldBe(2);
        }
        await alice.Next("call_ended");
        (await alice.TakeAll()).Select(m => m.Type()).ShouldNotContain("missed_call");
        await using var later = await WireClient.Open(host.Url, dm.Bob.Token);
        var told = (await later.Next("ready")).GetProperty("missed_calls").EnumerateArray().ShouldHaveSingleItem();
        Has(told, MissedFields);
        told.Text("call_id").ShouldBe(started.Text("call_id"));
        told.GetProperty("seen").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task In_an_active_group_call_a_ring_stops_at_its_deadline_and_the_call_goes_on()
    {
        var (alice, bob, carol) = (host.Fresh("alice"), host.Fresh("bob"), host.Fresh("carol"));
        var channel = await host.Channel(alice, bob, carol);
        await using var caller = await host.Connect(alice);
        await using var joiner = await host.Connect(bob);
        await using var absent = await host.Connect(carol);
        await caller.Call("call_start", channel);
        await joiner.Call("call_join", channel);
        var stopped = await absent.Next("ring_stopped");
        Has(stopped, $"{State} reason");
        stopped.Text("reason").ShouldBe("timeout");
        Has(await absent.Next("missed_call"), MissedEvent);
        var call = await absent.Call("call_get", channel);
        call.Text("status").ShouldBe("active");
        call.GetProperty("version").GetInt32().ShouldBe(2, "what is private to a user is no version");
        call.GetProperty("expires_at").ValueKind.ShouldBe(JsonValueKind.Null);
        (await caller.TakeAll()).Select(m => m.Type()).ShouldNotContain("ring_stopped");
        // Who missed the ring may still come, and has then not missed the call.
        await absent.Call("call_join", channel);
        await using var later = await host.Connect(carol);
        var missed = await host.Send(HttpMethod.Get, "/api/me/calls?missed=true", await host.Token(carol));
        missed.Body.GetProperty("calls").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_removed_from_the_channel_stops_ringing()
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob, host.Fresh("carol"));
        await using var removed = await host.Connect(bob);
        await (await Actor.Of(host, channel, alice)).Post("start");
        await removed.Next("incoming_call");
        await host.Admin(HttpMethod.Delete, $"/api/admin/dm/{channel}/members/{bob}");
        var stopped = await removed.Next("ring_stopped");
        Has(stopped, $"{State} reason");
        stopped.Text("reason").ShouldBe("removed");
    }
}
