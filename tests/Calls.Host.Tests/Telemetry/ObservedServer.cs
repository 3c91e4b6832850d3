using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Calls.Caller;
using Calls.Caller.Signalling;
using Calls.Host.Tests.Wire;
using Calls.TestKit;

namespace Calls.Host.Tests.Telemetry;

[CollectionDefinition(Name)]
public sealed class ObservedCollection : ICollectionFixture<ObservedServer>
{
    public const string Name = "observed server";
}

/// <summary>
/// A server on Redis with a collector, through which a little of everything has gone: calls with sound, a decline, a
/// hang-up, bad messages, and in the end a Redis that dies.
/// </summary>
public sealed class ObservedServer : IAsyncLifetime
{
    public const string ClientTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string ClientSpan = "b7ad6b7169203331";

    private readonly HttpClient _http = new() { Timeout = WireServer.Deadline };
    private readonly List<string> _tokens = [];
    private readonly WebhookInbox _backend = new();
    private readonly WebhookInbox _formerBackend = new();
    private RedisServer? _redis;
    private OtlpReceiver? _collector;
    private HostProcess? _host;

    public OtlpReceiver Collector => _collector!;

    /// <summary>The server's log, as JSON console lines.</summary>
    public IReadOnlyList<string> Log => _host!.Output;

    /// <summary>The lines that are log entries, read.</summary>
    public IEnumerable<JsonElement> Entries =>
        Log.Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(Encoding.UTF8.GetBytes(line)));

    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>What the client of the REST request was answered while Redis was dead.</summary>
    public JsonElement Failure { get; private set; }

    /// <summary>What a route that does not expect it was answered then, with its status.</summary>
    public (int Status, JsonElement Body) Fault { get; private set; }

    /// <summary>What somebody heard who tried to sign in then.</summary>
    public JsonElement NotSignedIn { get; private set; }

    /// <summary>The call that was started by REST with a <c>traceparent</c>, and ended by a hang-up.</summary>
    public string TracedCall { get; private set; } = "";

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _collector = await OtlpReceiver.Start();
        _backend.Open();
        // Out of order for once, and then gone for good.
        _formerBackend.Answers = _ => _formerBackend.Posts.Count > 1 ? 410 : 500;
        _formerBackend.Open();
        _host = await HostProcess.Start(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["CALLS__WEBHOOKS__0__URL"] = _backend.Url.AbsoluteUri,
                ["CALLS__WEBHOOKS__0__SECRET"] = WebhookInbox.Secret,
                ["CALLS__WEBHOOKS__1__URL"] = _formerBackend.Url.AbsoluteUri,
                ["CALLS__WEBHOOKS__1__SECRET"] = WebhookInbox.Secret,
                ["CALLS__STORE"] = "redis",
                ["CALLS__REDIS__CONNECTION"] = _redis.Connection,
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Endpoint,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "250",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
                ["Logging__Console__FormatterName"] = "json",
            }
        );
        await using var alice = await Caller("alice", 500);
        await using var bob = await Caller("bob", 900);
        await Talk(alice, bob);
        await Decline(alice, bob);
        await CancelByRest();
        await SendRubbish();
        await FailWithoutRedis();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
        _backend.Dispose();
        _formerBackend.Dispose();
        if (_collector is not null)
            await _collector.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    private async Task<bool> KnowRoundTrips()
    {
        using var request = Request(HttpMethod.Get, "/api/dm/dm-alice-bob/call/stats", await Token("alice"));
        using var response = await _http.SendAsync(request);
        var stats = await response.Content.ReadFromJsonAsync<JsonElement>();
        return stats
            .GetProperty("participants")
            .EnumerateArray()
            .All(p => p.GetProperty("round_trip_ms").ValueKind == JsonValueKind.Number);
    }

    private async Task Talk(CallsCaller alice, CallsCaller bob)
    {
        await alice.Start("dm-alice-bob", commandId: "talk-start");
        await bob.Hears("incoming_call");
        await bob.Join("dm-alice-bob");
        await bob.HearsTone("alice", 500);
        await alice.HearsTone("bob", 900);
        await Eventually.Holds(KnowRoundTrips, () => "the service has had reports on both ways");
        await bob.Leave("dm-alice-bob");
        await alice.Hears("call_ended");
    }

    private static async Task Decline(CallsCaller alice, CallsCaller bob)
    {
        await alice.Start("dm-alice-bob");
        await bob.Hears("incoming_call");
        await bob.Decline("dm-alice-bob");
        await Should.ThrowAsync<CallRefusedException>(() => bob.Decline("dm-alice-bob"));
        await alice.Hears("call_ended");
    }

    private async Task CancelByRest()
    {
        var token = await Token("alice");
        using var start = Request(HttpMethod.Post, "/api/dm/dm-alice-bob/call/start", token);
        start.Headers.Add("traceparent", $"00-{ClientTrace}-{ClientSpan}-01");
        start.Headers.Add("Idempotency-Key", "rest-start");
        using var started = await _http.SendAsync(start);
        TracedCall = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("call_id").GetString()!;
        using var leave = Request(HttpMethod.Post, "/api/dm/dm-alice-bob/call/leave", token);
        using var left = await _http.SendAsync(leave);
        left.EnsureSuccessStatusCode();
        using var change = Request(HttpMethod.Put, "/api/admin/dm/other", await Token("operator", admin: true));
        change.Content = JsonContent.Create(
            new { kind = "direct", members = new[] { new { user_id = "alice" }, new { user_id = "bob" } } }
        );
        using var changed = await _http.SendAsync(change);
        changed.EnsureSuccessStatusCode();
    }

    private async Task SendRubbish()
    {
        await using var client = await WireClient.Open(_host!.Url);
        await client.Refused("call_get", "\"channel_id\":\"dm-alice-bob\"");
        await client.Refused("authenticate", "\"token\":7");
        await client.Send([1, 2, 3], System.Net.WebSockets.WebSocketMessageType.Binary);
        await client.CloseCode;
    }

    private async Task FailWithoutRedis()
    {
        var token = await Token("alice");
        // In a call, so that what fails is an append.
        using var start = Request(HttpMethod.Post, "/api/dm/dm-alice-bob/call/start", token);
        (await _http.SendAsync(start)).Dispose();
        _redis!.Kill();
        using var leave = Request(HttpMethod.Post, "/api/dm/dm-alice-bob/call/leave", token);
        using var failed = await _http.SendAsync(leave);
        Failure = await failed.Content.ReadFromJsonAsync<JsonElement>();
        using var list = Request(HttpMethod.Get, "/dev/channels", token);
        using var broken = await _http.SendAsync(list);
        Fault = ((int)broken.StatusCode, await broken.Content.ReadFromJsonAsync<JsonElement>());
        await using var late = await WireClient.Open(_host!.Url);
        NotSignedIn = await late.Ask("authenticate", $"\"token\":\"{token}\"");
    }

    private async Task<CallsCaller> Caller(string user, double tone) =>
        await CallsCaller.Connect(_host!.Url, await Token(user), options: new CallerOptions { Tone = tone });

    private async Task<string> Token(string user, bool admin = false)
    {
        var token = await _host!.Token(user, admin);
        _tokens.Add(token);
        return token;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string token)
    {
        var request = new HttpRequestMessage(method, new Uri(_host!.Url, path));
        request.Headers.Authorization = new("Bearer", token);
        return request;
    }
}
