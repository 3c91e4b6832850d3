using System.Text.Json;
using Calls.TestKit;
using static Calls.Host.Tests.Wire.Shape;

namespace Calls.Host.Tests.Wire;

/// <summary>Past calls by REST: a channel's, and a user's own with what they missed.</summary>
public sealed class HistoryTests(WireHost host) : IClassFixture<WireHost>
{
    [Fact]
    public async Task A_channels_history_is_newest_first_and_tells_each_asker_what_they_missed()
    {
        var dm = await Dm.Of(host);
        var cancelled = await Cancelled(dm);
        var talked = await Talked(dm);

        var bobs = await host.Send(HttpMethod.Get, $"/api/dm/{dm.Channel}/calls", dm.Bob.Token);
        bobs.Status.ShouldBe(200);
        Has(bobs.Body, "calls next_before");
        bobs.Body.GetProperty("next_before").ValueKind.ShouldBe(JsonValueKind.Null);
        foreach (var call in Calls(bobs))
            Has(call, $"{CallFields} missed");
        Ids(bobs).ShouldBe([talked, cancelled]);
        Calls(bobs).Select(IsMissed).ShouldBe([false, true]);
        Calls(bobs).Select(c => c.Text("reason")).ShouldBe(["last_left", "cancelled"]);
        var alices = await host.Send(HttpMethod.Get, $"/api/dm/{dm.Channel}/calls", dm.Alice.Token);
        Calls(alices).Select(IsMissed).ShouldBe([false, false]);
    }

    [Fact]
    public async Task An_ended_call_stands_in_the_history_as_it_looked_at_its_end()
    {
        var dm = await Dm.Of(host);
        await dm.Alice.Post("start");
        await dm.Bob.Post("join");
        var ended = (await dm.Alice.Post("leave")).Body;
        var kept = Calls(await host.Send(HttpMethod.Get, $"/api/dm/{dm.Channel}/calls", dm.Alice.Token)).Single();
        foreach (var field in CallFields.Split(' '))
            kept.GetProperty(field).ToString().ShouldBe(ended.GetProperty(field).ToString(), field);
    }

    [Fact]
    public async Task A_stranger_and_a_missing_channel_look_alike_in_the_history_too()
    {
        var dm = await Dm.Of(host);
        await Talked(dm);
        var stranger = await host.Token(host.Fresh("mallory"));
        var refused = await host.Send(HttpMethod.Get, $"/api/dm/{dm.Channel}/calls", stranger);
        refused.Status.ShouldBe(404);
        refused.Code.ShouldBe("call_not_found");
        var nowhere = await host.Send(HttpMethod.Get, "/api/dm/nowhere/calls", stranger);
        nowhere.Body.ToString().ShouldBe(refused.Body.ToString());
    }

    [Fact]
    public async Task Pages_follow_on_each_other_without_a_gap()
    {
        var dm = await Dm.Of(host);
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
            made.Insert(0, await Cancelled(dm));
        await Missed(dm.Bob, made.Count);

        foreach (
            var (path, token) in new[]
            {
                ($"/api/dm/{dm.Channel}/calls", dm.Alice.Token),
                ("/api/me/calls", dm.Alice.Token),
                ("/api/me/calls?missed=true", dm.Bob.Token),
            }
        )
            (await Pages(path, token, 2)).ShouldBe([2, 2, 1], path);

        async Task<List<int>> Pages(string path, string token, int limit)
        {
            var (sizes, seen, before) = (new List<int>(), new List<string>(), "");
            do
            {
                var query = $"{(path.Contains('?') ? '&' : '?')}limit={limit}{before}";
                var page = await host.Send(HttpMethod.Get, path + query, token);
                page.Status.ShouldBe(200, page.Body.ToString());
                sizes.Add(Calls(page).Count);
                seen.AddRange(Ids(page));
                before = page.Body.Text("next_before") is { } next ? $"&before={next}" : "";
            } while (before.Length > 0 && sizes.Count < 10);
            seen.ShouldBe(made, path);
            return sizes;
        }
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("before=a%20b", "before")]
    [InlineData("before=", "before")]
    public async Task A_bad_page_is_refused_with_the_fields_name(string query, string field)
    {
        var dm = await Dm.Of(host);
        foreach (var path in new[] { $"/api/dm/{dm.Channel}/calls", "/api/me/calls" })
        {
            var refused = await host.Send(HttpMethod.Get, $"{path}?{query}", dm.Alice.Token);
            refused.Status.ShouldBe(400, path);
            refused.Code.ShouldBe("invalid_message");
            refused.Error.ShouldContain($"'{field}'");
        }
    }

    [Fact]
    public async Task Missed_is_true_or_false_and_nothing_else()
    {
        var refused = await host.Send(HttpMethod.Get, "/api/me/calls?missed=maybe", await host.Token("alice"));
        refused.Status.ShouldBe(400);
        refused.Code.ShouldBe("invalid_message");
        refused.Error.ShouldContain("'missed'");
    }

    [Fact]
    public async Task A_page_behind_a_call_that_nobody_knows_is_empty()
    {
        var dm = await Dm.Of(host);
        await Talked(dm);
        foreach (var path in new[] { $"/api/dm/{dm.Channel}/calls", "/api/me/calls" })
        {
            var page = await host.Send(HttpMethod.Get, $"{path}?before=nobody-knows", dm.Alice.Token);
            page.Status.ShouldBe(200);
            Calls(page).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Ones_own_history_has_the_calls_of_all_channels_and_only_those_one_belongs_to()
    {
        var (first, second) = (await Dm.Of(host), host.Fresh("carol"));
        var other = await host.Channel(first.Alice.User, second);
        var one = await Talked(first);
        var caller = await Actor.Of(host, other, first.Alice.User);
        var started = await caller.Post("start");
        started.Status.ShouldBe(201, started.Body.ToString());
        var two = started.Body.Text("call_id");
        await (await Actor.Of(host, other, second)).Post("decline");

        var own = await Listed("/api/me/calls", first.Alice.Token, 2);
        Ids(own).ShouldBe([two, one]);
        foreach (var call in Calls(own))
            Has(call, $"{CallFields} missed");
        Ids(await Listed("/api/me/calls", first.Bob.Token, 1)).ShouldBe([one]);
        // A decline is an answer: the call was not missed.
        var carol = await host.Token(second);
        Calls(await Listed("/api/me/calls", carol, 1)).Select(IsMissed).ShouldBe([false]);
        Calls(await Listed("/api/me/calls?missed=true", carol, 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missed_call_has_the_contracts_fields_and_is_seen_once_it_is_marked()
    {
        var dm = await Dm.Of(host);
        var (first, second) = (await Cancelled(dm), await Cancelled(dm));
        var missed = await Missed(dm.Bob, 2);
        foreach (var call in missed)
        {
            Has(call, MissedFields);
            call.Text("channel_id").ShouldBe(dm.Channel);
            call.Text("initiator").ShouldBe(dm.Alice.User);
            call.Text("media").ShouldBe("audio");
            call.Text("started_at")!.ShouldMatch(Shape.Time);
            call.GetProperty("seen").GetBoolean().ShouldBeFalse();
        }

        (await Seen(dm.Bob, $$"""{"call_ids":["{{first}}"]}""")).ShouldBe(1);
        (await Missed(dm.Bob, 2))
            .Select(c => (c.Text("call_id"), c.GetProperty("seen").GetBoolean()))
            .ShouldBe([(second, false), (first, true)]);
        (await Seen(dm.Bob, """{"call_ids":["nobody-knows"]}""")).ShouldBe(1);
        (await Seen(dm.Bob, null)).ShouldBe(0);
        (await Missed(dm.Bob, 2)).ShouldAllBe(c => c.GetProperty("seen").GetBoolean());
        await using var bob = await WireClient.Open(host.Url, dm.Bob.Token);
        (await bob.Next("ready")).GetProperty("missed_calls").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"call_ids":"x"}""", "call_ids")]
    [InlineData("""{"call_ids":[5]}""", "call_ids[0]")]
    [InlineData("""{"call_ids":["good","a b"]}""", "call_ids[1]")]
    [InlineData("""[]""", "object")]
    public async Task Bad_marks_are_refused_with_the_fields_name(string body, string named)
    {
        var refused = await host.Send(HttpMethod.Post, "/api/me/calls/seen", await host.Token("alice"), body);
        refused.Status.ShouldBe(400);
        refused.Code.ShouldBe("invalid_message");
        refused.Error.ShouldContain(named);
    }

    [Fact]
    public async Task Signing_in_tells_the_unseen_missed_calls_newest_first_and_at_most_50()
    {
        var dm = await Dm.Of(host);
        var made = new List<string>();
        for (var i = 0; i < 52; i++)
            made.Insert(0, await Cancelled(dm));
        await Missed(dm.Bob, made.Count);
        (await Seen(dm.Bob, $$"""{"call_ids":["{{made[0]}}"]}""")).ShouldBe(51);

        await using var bob = await WireClient.Open(host.Url, dm.Bob.Token);
        var told = (await bob.Next("ready")).GetProperty("missed_calls").EnumerateArray().ToList();
        told.Select(c => c.Text("call_id")).ShouldBe(made.Skip(1).Take(50));
        told.ForEach(call => Has(call, MissedFields));
    }

    [Fact]
    public async Task Every_route_of_ones_own_wants_a_token()
    {
        foreach (
            var (method, path) in new[]
            {
                (HttpMethod.Get, "/api/me/calls"),
                (HttpMethod.Post, "/api/me/calls/seen"),
                (HttpMethod.Get, "/api/dm/x/calls"),
                (HttpMethod.Get, "/api/me/call-settings"),
                (HttpMethod.Put, "/api/me/call-settings"),
                (HttpMethod.Get, "/api/dm-groups/x/voice-presence"),
                (HttpMethod.Post, "/api/dm-groups/x/voice-presence/join"),
                (HttpMethod.Delete, "/api/dm-groups/x/voice-presence/leave"),
                (HttpMethod.Put, "/api/dm-groups/x/voice-presence/state"),
            }
        )
        {
            var refused = await host.Send(method, path, null);
            refused.Status.ShouldBe(401, path);
            refused.Code.ShouldBe("unauthenticated");
        }
    }

    /// <summary>Alice called, and hung up before Bob had answered.</summary>
    private static async Task<string> Cancelled(Dm dm)
    {
        var started = await dm.Alice.Post("start");
        started.Status.ShouldBe(201, started.Body.ToString());
        (await dm.Alice.Post("leave")).Body.Text("reason").ShouldBe("cancelled");
        return started.Body.Text("call_id")!;
    }

    private static async Task<string> Talked(Dm dm)
    {
        var started = await dm.Alice.Post("start");
        (await dm.Bob.Post("join")).Status.ShouldBe(200);
        (await dm.Bob.Post("leave")).Body.Text("reason").ShouldBe("last_left");
        return started.Body.Text("call_id")!;
    }

    private async Task<List<JsonElement>> Missed(Actor user, int count) =>
        Calls(await Listed("/api/me/calls?missed=true&limit=100", user.Token, count));

    /// <summary>The users' own lists follow the call's end within a moment.</summary>
    private async Task<Answer> Listed(string path, string token, int count)
    {
        Answer? answer = null;
        await Eventually.Holds(
            async () => Calls(answer = await host.Send(HttpMethod.Get, path, token)).Count == count,
            () => $"{path} has {count} calls: {answer!.Body}"
        );
        return answer!;
    }

    private async Task<int> Seen(Actor user, string? body)
    {
        var answer = await host.Send(HttpMethod.Post, "/api/me/calls/seen", user.Token, body);
        answer.Status.ShouldBe(200, answer.Body.ToString());
        Has(answer.Body, "unseen");
        return answer.Body.GetProperty("unseen").GetInt32();
    }

    private static List<JsonElement> Calls(Answer answer) => [.. answer.Body.GetProperty("calls").EnumerateArray()];

    private static IEnumerable<string> Ids(Answer answer) => Calls(answer).Select(c => c.Text("call_id")!);

    private static bool IsMissed(JsonElement call) => call.GetProperty("missed").GetBoolean();
}
