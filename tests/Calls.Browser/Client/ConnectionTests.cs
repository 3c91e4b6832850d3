using System.Text.Json.Nodes;
using Calls.Browser.Parts;

namespace Calls.Browser.Client;

/// <summary>The client's line to the service, as a talk between the two (U7).</summary>
[Collection(BrowserTests.Name)]
public sealed class ConnectionTests(Chromium chromium)
{
    [Fact]
    public async Task The_first_word_is_the_sign_in_with_token_and_device()
    {
        await using var service = await Service.WithClient(chromium.Browser);

        var request = await service.LetsIn();

        request["token"]!.GetValue<string>().ShouldBe("t1");
        request["device_id"]!.GetValue<string>().ShouldStartWith("web-");
        await service.Sees("client.state.connection.state === 'open'");
    }

    [Fact]
    public async Task The_device_is_the_same_after_a_reload()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        var device = (await service.LetsIn())["device_id"]!.GetValue<string>();
        await service.Page.EvaluateAsync("client.close()");

        await service.Page.EvaluateAsync(
            "async () => new (await import('/calls/calls-client.js')).CallsClient({ getToken: async () => 't' }).connect()"
        );

        (await service.Hears("authenticate"))["device_id"]!.GetValue<string>().ShouldBe(device);
    }

    [Fact]
    public async Task A_command_without_an_answer_is_sent_again_with_the_same_id_on_the_next_connection()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn();
        await service.Page.EvaluateAsync("() => { window.answer = client.decline('dm-1') }");
        var first = await service.Hears("call_decline");

        await service.Closes(1001);
        await service.LetsIn();
        var again = await service.Hears("call_decline");

        again["command_id"]!.GetValue<string>().ShouldBe(first["command_id"]!.GetValue<string>());
        service.Answers(again, new JsonObject { ["call"] = Call(version: 2) });
        await service.Page.EvaluateAsync("answer");
    }

    [Fact]
    public async Task An_error_is_an_error_object_with_its_code()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn();
        await service.Page.EvaluateAsync(
            "() => { client.start('dm-1').catch((error) => { window.refusal = `${error.name} ${error.code}` }) }"
        );

        service.Refuses(await service.Hears("call_start"), "user_unavailable");

        await service.Sees("window.refusal === 'CallError user_unavailable'");
        await service.Sees("client.state.current === null");
    }

    [Fact]
    public async Task A_start_into_a_live_call_joins_it()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn();
        await service.Page.EvaluateAsync("() => { client.start('dm-1') }");
        service.Refuses(await service.Hears("call_start"), "call_already_exists");

        var join = await service.Hears("call_join");

        service.Answers(join, new JsonObject { ["call"] = Call(version: 2, "bob", "alice") });
        await service.Sees("client.state.current.callId === 'c1'");
    }

    [Fact]
    public async Task A_hang_up_before_the_service_has_answered_leaves_as_soon_as_it_has()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn();
        await service.Page.EvaluateAsync("() => { client.start('dm-1') }");
        var start = await service.Hears("call_start");
        await service.Page.EvaluateAsync("client.hangUp()");

        service.Answers(start, new JsonObject { ["call"] = Call(version: 1, "alice") });

        await service.Hears("call_leave");
    }

    [Fact]
    public async Task A_gap_in_the_versions_makes_it_ask_for_the_whole()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn(60_000, Call(version: 2, "bob", "carol"));

        service.Says(
            new JsonObject
            {
                ["type"] = "participant_joined",
                ["channel_id"] = "dm-1",
                ["call_id"] = "c1",
                ["version"] = 4,
                ["user_id"] = "dave",
                ["username"] = "Dave",
            }
        );

        var ask = await service.Hears("call_get");
        service.Answers(ask, new JsonObject { ["call"] = Call(version: 4, "bob", "carol", "erin", "dave") });
        await service.Sees("client.state.channels['dm-1'].call.participants.length === 4");
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_and_then_a_person_must_sign_in()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        service.Refuses(await service.Hears("authenticate"), "token_expired");
        await service.Closes(4401);

        var second = await service.Hears("authenticate");
        second["token"]!.GetValue<string>().ShouldBe("t2");
        service.Refuses(second, "unauthenticated");
        await service.Closes(4401);

        await service.Sees("client.state.connection.reason === 'signed_out'");
        service.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task A_token_about_to_end_is_renewed_on_the_open_connection()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn();

        service.Says(new JsonObject { ["type"] = "token_expiring", ["expires_at"] = "2026-01-01T12:01:00.000Z" });

        (await service.LetsIn())["token"]!.GetValue<string>().ShouldBe("t2");
        service.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_cannot_be_had_just_now_is_asked_for_again_while_the_old_one_holds()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.Page.Clock.InstallAsync();
        await service.LetsIn();
        await service.Page.EvaluateAsync("() => { failures = 1 }");

        service.Says(new JsonObject { ["type"] = "token_expiring", ["expires_at"] = "2026-01-01T12:01:00.000Z" });
        await service.Sees("failures === 0");
        await service.Page.Clock.FastForwardAsync(6_000);

        (await service.Hears("authenticate"))["token"]!.GetValue<string>().ShouldBe("t2");
        service.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task An_expired_token_that_cannot_be_renewed_at_once_does_not_sign_out()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn();
        await service.Page.EvaluateAsync("() => { failures = 1 }");

        await service.Closes(4401);

        (await service.LetsIn())["token"]!.GetValue<string>().ShouldBe("t2");
        await service.Sees("client.state.connection.state === 'open'");
    }

    [Fact]
    public async Task Pauses_between_tries_grow_and_are_never_the_same_for_all()
    {
        await using var service = await Service.WithClient(chromium.Browser);

        var pauses = await service.InPage(
            """
            import('/calls/backoff.js').then(({ Backoff }) =>
              [0, 0.999].map((random) => {
                const backoff = new Backoff(() => random);
                return Array.from({ length: 6 }, () => Math.round(backoff.next()));
              }))
            """
        );

        pauses.ToString().ShouldBe("[[150,300,600,1200,2400,2500],[300,600,1199,2399,4798,4998]]");
    }

    [Fact]
    public async Task A_silent_line_is_pinged_and_given_up_when_the_ping_stays_unanswered()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn(heartbeatMs: 200);

        await service.Hears("ping");

        await service.Hears("authenticate");
        service.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task What_it_does_not_know_does_not_harm_it()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.LetsIn();

        service.Says(
            new JsonObject
            {
                ["type"] = "something_new",
                ["channel_id"] = "dm-1",
                ["more"] = true,
            }
        );
        service.Says(
            new JsonObject
            {
                ["type"] = "active_speakers",
                ["channel_id"] = "dm-1",
                ["call_id"] = "x",
                ["speakers"] = new JsonArray("bob"),
            }
        );

        await service.Page.EvaluateAsync("() => { client.dismiss('dm-1') }");
        await service.Hears("call_dismiss");
    }

    private static JsonObject Call(int version, params string[] participants) =>
        new()
        {
            ["channel_id"] = "dm-1",
            ["call_id"] = "c1",
            ["version"] = version,
            ["status"] = participants.Length > 1 ? "active" : "ringing",
            ["media"] = "audio",
            ["started_by"] = "bob",
            ["started_at"] = "2026-01-01T12:00:00.000Z",
            ["answered_at"] = null,
            ["expires_at"] = null,
            ["target_users"] = new JsonArray(),
            ["declined_by"] = new JsonArray(),
            ["participants"] = new JsonArray([.. participants.Select(user => (JsonNode)user)]),
            ["voice_states"] = new JsonArray([
                .. participants.Select(user => (JsonNode)new JsonObject { ["user_id"] = user }),
            ]),
        };
}
