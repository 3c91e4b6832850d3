using System.Text.Json.Nodes;
using Calls.Browser.Parts;

namespace Calls.Browser.Client;

/// <summary>Whose the media is, and what happens when it does not come (S9, S14).</summary>
[Collection(BrowserTests.Name)]
public sealed class MediaTests(Chromium chromium)
{
    [Fact]
    public async Task A_peer_connection_that_does_not_come_up_is_replaced_by_a_new_session()
    {
        await using var service = await InCall();
        await Offers(service, "s1");
        await service.Hears("media_answer");

        // 10 s for coming up, and the pause before asking.
        await service.Page.Clock.RunForAsync(11_000);

        (await service.Hears("media_restart"))["channel_id"]!.GetValue<string>().ShouldBe("dm-1");
    }

    [Fact]
    public async Task An_offer_that_was_lost_on_the_way_is_asked_for()
    {
        await using var service = await InCall();

        await service.Page.Clock.RunForAsync(6_000);

        await service.Hears("media_restart");
    }

    [Fact]
    public async Task Back_within_the_grace_it_asks_for_media_when_none_is_offered()
    {
        await using var service = await InCall();
        await service.Closes(1001);
        await service.LetsIn(60_000, Call());

        await service.Page.Clock.RunForAsync(3_000);

        await service.Hears("media_restart");
    }

    [Fact]
    public async Task Back_after_the_grace_it_leaves_the_call_to_the_device_that_took_it()
    {
        await using var service = await InCall();
        await AwayForLong(service);

        await service.Page.Clock.RunForAsync(9_000);

        await service.Sees("client.state.current === null");
        await service.Sees("client.state.channels['dm-1'].ended.reason === 'moved'");
        await service.Page.EvaluateAsync("() => { client.dismiss('dm-1') }");
        await service.Hears("call_dismiss");
    }

    [Fact]
    public async Task Back_after_the_grace_the_services_own_offer_says_that_the_call_is_still_here()
    {
        await using var service = await InCall();
        await AwayForLong(service);

        await Offers(service, "s2");
        await service.Hears("media_answer");
        await service.Page.Clock.RunForAsync(9_000);

        await service.Sees("client.state.current.callId === 'c1'");
    }

    [Fact]
    public async Task An_offer_that_comes_again_after_a_reconnect_is_answered_again()
    {
        await using var service = await InCall();
        var offer = await Offers(service, "s1");
        var first = await service.Hears("media_answer");
        await service.Closes(1001);
        await service.LetsIn(60_000, Call());

        service.Says(offer);

        var again = await service.Hears("media_answer");
        again["revision"]!.GetValue<int>().ShouldBe(1);
        again["sdp"]!.GetValue<string>().ShouldNotBeEmpty();
        again["id"]!.GetValue<string>().ShouldNotBe(first["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_answer_that_the_service_could_not_take_is_sent_again()
    {
        await using var service = await InCall();
        await Offers(service, "s1");
        service.Refuses(await service.Hears("media_answer"), "internal_error");

        var again = await service.Hears("media_answer");

        again["session_id"]!.GetValue<string>().ShouldBe("s1");
    }

    [Fact]
    public async Task An_offer_that_cannot_be_answered_is_no_dead_end()
    {
        await using var service = await InCall();
        await Offers(service, "s1", sdp: "v=0 nonsense");

        await service.Page.Clock.RunForAsync(1_000);

        await service.Hears("media_restart");
    }

    /// <summary>Alice, let into a call with Bob; no media has been offered yet.</summary>
    private async Task<Service> InCall()
    {
        var service = await Service.WithClient(chromium.Browser);
        await service.Page.Clock.InstallAsync();
        await service.LetsIn();
        await service.Page.EvaluateAsync("() => { client.join('dm-1') }");
        service.Answers(await service.Hears("call_join"), new JsonObject { ["call"] = Call() });
        await service.Sees("client.state.current.callId === 'c1'");
        return service;
    }

    /// <summary>Gone for longer than the grace of 15 s: a laptop that slept.</summary>
    private static async Task AwayForLong(Service service)
    {
        await service.Page.EvaluateAsync("() => { failures = 1000 }");
        await service.Closes(1001);
        await service.Sees("client.state.lostAt !== null");
        await service.Page.Clock.FastForwardAsync(20_000);
        await service.Page.EvaluateAsync("() => { failures = 0 }");
        await service.Page.Clock.RunForAsync(6_000);
        await service.LetsIn(60_000, Call());
        await service.Sees("client.state.lostAt === null");
    }

    /// <summary>An offer as the service makes it, of a peer that never answers.</summary>
    private static async Task<JsonObject> Offers(Service service, string session, string? sdp = null)
    {
        sdp ??= await service.Page.EvaluateAsync<string>(
            """
            async () => {
              const peer = new RTCPeerConnection();
              peer.addTransceiver('audio', { direction: 'recvonly' });
              return (await peer.createOffer()).sdp;
            }
            """
        );
        var offer = new JsonObject
        {
            ["type"] = "media_offer",
            ["channel_id"] = "dm-1",
            ["call_id"] = "c1",
            ["session_id"] = session,
            ["revision"] = 1,
            ["sdp"] = sdp,
            ["tracks"] = new JsonArray(),
            ["ice_servers"] = new JsonArray(),
        };
        service.Says(offer);
        return offer;
    }

    private static JsonObject Call() =>
        new()
        {
            ["channel_id"] = "dm-1",
            ["call_id"] = "c1",
            ["version"] = 2,
            ["status"] = "active",
            ["media"] = "audio",
            ["started_by"] = "bob",
            ["started_at"] = "2026-01-01T12:00:00.000Z",
            ["answered_at"] = "2026-01-01T12:00:01.000Z",
            ["expires_at"] = null,
            ["target_users"] = new JsonArray("alice"),
            ["declined_by"] = new JsonArray(),
            ["participants"] = new JsonArray("bob", "alice"),
            ["voice_states"] = new JsonArray(
                new JsonObject { ["user_id"] = "bob" },
                new JsonObject { ["user_id"] = "alice" }
            ),
        };
}
