using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Calls.Cluster;

/// <summary>A real node, a real receiver, and neither always there: on each store.</summary>
public abstract class WebhookTests(bool onRedis) : IAsyncLifetime
{
    /// <summary>What the protocol promises for the answer to a request.</summary>
    private static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(10);

    private static readonly string[] CancelledCall = ["call_started", "call_ended", "missed_call"];

    private readonly WebhookInbox _inbox = new();
    private readonly HttpClient _http = new() { Timeout = 2 * AnswerDeadline };
    private TestStore _store = null!;
    private HostProcess _node = null!;

    public async Task InitializeAsync()
    {
        _store = await TestStore.Start(onRedis);
        var settings = new Dictionary<string, string>(_store.Settings)
        {
            ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000",
        };
        foreach (var (name, value) in _inbox.Settings)
            settings[name] = value;
        _node = await HostProcess.Start(settings);
    }

    public async Task DisposeAsync()
    {
        _inbox.Dispose();
        _http.Dispose();
        await _node.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task What_a_killed_node_had_not_delivered_arrives_after_its_start_in_order()
    {
        // The first message reaches a receiver that never answers; those behind it reach nobody.
        _inbox.Answers = _ => null;
        _inbox.Open();
        var call = await MissedCall("dm-alice-bob", "alice");
        await Eventually.Holds(() => Task.FromResult(_inbox.Posts.Count == 1), () => "the first message is sent");

        await _node.Kill();
        _inbox.Answers = _ => 204;
        await _node.Launch();

        var posts = await Received(of: call, count: 4);
        posts.Select(p => p.Type).ShouldBe(["call_started", .. CancelledCall]);
        posts[0].Id.ShouldBe(posts[1].Id, "it was not acknowledged, so it is told again");
        posts.Skip(1).Select(p => p.Id).ShouldBeUnique();
        posts.ShouldAllBe(p => WebhookInbox.IsSigned(p));
        posts[2].Data.GetProperty("reason").GetString().ShouldBe("cancelled");
        posts[2].Data.GetProperty("duration_secs").ValueKind.ShouldBe(JsonValueKind.Null);
        posts[3].Data.GetProperty("user_id").GetString().ShouldBe("bob");

        await _node.KillAndRestart();
        var next = await MissedCall("dm-alice-bob", "alice");
        await Received(of: next, count: CancelledCall.Length);
        // The newest may be told again: the kill can come between its answer and the outbox.
        _inbox
            .Posts.Count(p => p.Call == call && p.Type == "call_started")
            .ShouldBe(2, "it had left the outbox before the last one was sent");
    }

    [Fact]
    public async Task Calls_go_on_while_the_receiver_fails_and_all_is_delivered_in_order_when_it_is_back()
    {
        _inbox.Answers = _ => 500;
        _inbox.Open();
        var admin = await _node.Token("backend", admin: true);
        var calls = new List<string>();
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 10; i++)
        {
            if (i == 5)
                _inbox.Close(); // first it answers 500, then it is not there at all
            var (channel, caller, callee) = ($"dm-{i}", $"caller-{i}", $"callee-{i}");
            await Ask(
                HttpMethod.Put,
                $"/api/admin/dm/{channel}",
                admin,
                new { kind = "direct", members = new[] { new { user_id = caller }, new { user_id = callee } } }
            );
            var started = Stopwatch.GetTimestamp();
            var call = await Act(channel, "start", caller);
            await Act(channel, "join", callee);
            await Act(channel, "leave", caller);
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            calls.Add(call.GetProperty("call_id").GetString()!);
        }
        slowest.ShouldBeLessThan(AnswerDeadline, "three requests each");
        var before = _inbox.Posts.Count;

        _inbox.Answers = _ => 204;
        _inbox.Open();

        foreach (var call in calls)
        {
            var posts = await Received(of: call, count: 2, from: before);
            posts.Select(p => p.Type).ShouldBe(["call_started", "call_ended"]);
            posts.ShouldAllBe(p => WebhookInbox.IsSigned(p));
            posts[1].Data.GetProperty("reason").GetString().ShouldBe("last_left");
        }
    }

    /// <summary>A call that its caller gives up while it rings.</summary>
    private async Task<string> MissedCall(string channel, string caller)
    {
        var call = await Act(channel, "start", caller);
        await Act(channel, "leave", caller);
        return call.GetProperty("call_id").GetString()!;
    }

    private async Task<IReadOnlyList<WebhookPost>> Received(string of, int count, int from = 0)
    {
        IReadOnlyList<WebhookPost> Posts() => [.. _inbox.Posts.Skip(from).Where(p => p.Call == of)];
        await Eventually.Holds(
            () => Task.FromResult(Posts().Count >= count),
            () => $"{count} messages of {of} arrive; there were: {string.Join(", ", Posts().Select(p => p.Type))}"
        );
        return Posts();
    }

    private async Task<JsonElement> Act(string channel, string verb, string user) =>
        await Ask(HttpMethod.Post, $"/api/dm/{channel}/call/{verb}", await _node.Token(user), new { });

    private async Task<JsonElement> Ask(HttpMethod method, string path, string token, object body)
    {
        using var request = new HttpRequestMessage(method, new Uri(_node.Url, path))
        {
            Content = JsonContent.Create(body),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}

/// <summary>On one node's own append-only log.</summary>
public sealed class WebhooksOnTheEmbeddedStore() : WebhookTests(onRedis: false);

/// <summary>On a real Redis.</summary>
public sealed class WebhooksOnRedis() : WebhookTests(onRedis: true);
