using System.Text.Json.Nodes;
using Calls.Browser.Parts;

namespace Calls.Browser.Client;

/// <summary>What the client asks of the service's REST side: missed calls, histories, settings (S12, S16).</summary>
[Collection(BrowserTests.Name)]
public sealed class RecordsTests(Chromium chromium)
{
    [Fact]
    public async Task Missed_calls_are_counted_until_they_are_marked_as_seen()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        var posted = "";
        await service.AnswersRest(
            (what, request) =>
            {
                posted = $"{what} {request.PostData} {request.Headers["authorization"]}";
                return (200, new JsonObject { ["unseen"] = 1 });
            }
        );
        await service.LetsIn();
        service.Says(Missed("c1", "dm-1"));
        service.Says(Missed("c2", "dm-2"));
        await service.Sees("client.state.missed.length === 2");

        await service.Page.EvaluateAsync("client.markSeen('dm-1')");

        await service.Sees("client.state.missed.length === 1 && client.state.missed[0].call_id === 'c2'");
        posted.ShouldBe("""POST /api/me/calls/seen {"call_ids":["c1"]} Bearer t1""");
    }

    [Fact]
    public async Task When_more_are_unseen_than_it_knows_it_asks_for_them()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.AnswersRest(
            (what, _) =>
                what.StartsWith("POST", StringComparison.Ordinal)
                    ? (200, new JsonObject { ["unseen"] = 1 })
                    : (200, Page(Missed("c7", "dm-3"), Missed("c6", "dm-3", seen: true)))
        );
        await service.LetsIn();
        service.Says(Missed("c1", "dm-1"));
        await service.Sees("client.state.missed.length === 1");

        await service.Page.EvaluateAsync("client.markSeen()");

        await service.Sees("client.state.missed.length === 1 && client.state.missed[0].call_id === 'c7'");
    }

    [Fact]
    public async Task Missed_calls_that_could_not_be_marked_are_still_there()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.AnswersRest((_, _) => (500, Refusal("internal_error")));
        await service.LetsIn();
        service.Says(Missed("c1", "dm-1"));
        await service.Sees("client.state.missed.length === 1");

        await service.Page.EvaluateAsync(
            "() => client.markSeen('dm-1').catch((error) => { window.refusal = error.code })"
        );

        await service.Sees("window.refusal === 'internal_error' && client.state.missed.length === 1");
    }

    [Fact]
    public async Task Two_blocks_at_once_are_both_kept()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        var settings = new JsonObject { ["notifications"] = "quiet", ["blocked"] = new JsonArray("mallory") };
        await service.AnswersRest(
            (what, request) =>
            {
                if (what == "PUT /api/me/call-settings")
                {
                    foreach (var (name, value) in JsonNode.Parse(request.PostData!)!.AsObject())
                    {
                        settings[name] = value!.DeepClone();
                    }
                }

                return (200, settings);
            }
        );
        await service.LetsIn();

        await service.Page.EvaluateAsync("Promise.all([client.block('bob'), client.block('carol')])");

        await service.Sees("client.state.settings.blocked.join() === 'mallory,bob,carol'");
        await service.Sees("client.state.settings.notifications === 'quiet'");
        await service.Page.EvaluateAsync("client.unblock('mallory')");
        await service.Page.EvaluateAsync("client.setNotifications('normal')");
        settings.ToJsonString().ShouldBe("""{"notifications":"normal","blocked":["bob","carol"]}""");
    }

    [Fact]
    public async Task A_history_comes_by_pages()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        var asked = new List<string>();
        await service.AnswersRest(
            (what, _) =>
            {
                asked.Add(what);
                return (200, new JsonObject { ["calls"] = new JsonArray(), ["next_before"] = "c5" });
            }
        );
        await service.LetsIn();

        await service.Page.EvaluateAsync(
            """
            async () => {
              const { nextBefore } = await client.channelHistory('dm-1', { limit: 20 });
              await client.channelHistory('dm-1', { limit: 20, before: nextBefore });
              await client.callHistory();
              await client.missedCalls({ limit: 5 });
            }
            """
        );

        asked.ShouldBe([
            "GET /api/dm/dm-1/calls?limit=20",
            "GET /api/dm/dm-1/calls?before=c5&limit=20",
            "GET /api/me/calls?",
            "GET /api/me/calls?missed=true&limit=5",
        ]);
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_any_more_is_renewed_once()
    {
        await using var service = await Service.WithClient(chromium.Browser);
        await service.AnswersRest(
            (_, request) =>
                request.Headers["authorization"] == "Bearer t2" ? (200, Page()) : (401, Refusal("token_expired"))
        );
        await service.LetsIn();

        await service.Page.EvaluateAsync("client.callHistory()");

        await service.AnswersRest((_, _) => (401, Refusal("token_expired")));
        await service.Page.EvaluateAsync(
            "() => { client.callHistory().catch((error) => { window.refusal = error.code }) }"
        );
        await service.Sees("window.refusal === 'token_expired'");
    }

    private static JsonObject Missed(string call, string channel, bool seen = false) =>
        new()
        {
            ["type"] = "missed_call",
            ["call_id"] = call,
            ["channel_id"] = channel,
            ["version"] = 3,
            ["initiator"] = "bob",
            ["initiator_name"] = "Bob",
            ["media"] = "audio",
            ["started_at"] = "2026-01-01T12:00:00.000Z",
            ["seen"] = seen,
        };

    private static JsonObject Page(params JsonNode[] calls) =>
        new() { ["calls"] = new JsonArray(calls), ["next_before"] = null };

    private static JsonObject Refusal(string code) => new() { ["error"] = "No.", ["code"] = code };
}
