using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Calls.Caller;
using Calls.Caller.Signalling;

namespace Calls.Cluster;

/// <summary>A real server on one of the stores, shared by the tests of a class: each makes users and channels of its own.</summary>
/// <param name="onRedis">On a real Redis of its own; else on the embedded store.</param>
/// <param name="count">How many servers share the Redis.</param>
public abstract class LiveNode(bool onRedis, int count = 1) : IAsyncLifetime
{
    /// <summary>Short enough to hear a ring out, long enough that none runs out while a busy machine answers it.</summary>
    public static readonly TimeSpan RingTimeout = TimeSpan.FromSeconds(12);

    /// <summary>Long enough to come back in, on a busy machine too.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly HttpClient Http = new() { Timeout = Eventually.Deadline };

    private TestStore _store = null!;
    private string _admin = "";
    private ContractTraffic _traffic = null!;
    private int _made;

    /// <summary>The servers' processes.</summary>
    public IReadOnlyList<HostProcess> Processes { get; private set; } = [];

    /// <summary>The server's process, the first's if there are several.</summary>
    public HostProcess Process => Processes[0];

    /// <summary>The Redis that it is on; null on the embedded store.</summary>
    public RedisServer? Redis => _store.Redis;

    public async Task InitializeAsync()
    {
        _store = await TestStore.Start(onRedis);
        Processes = await Task.WhenAll(Enumerable.Range(1, count).Select(Start));
        _admin = await Process.Token("the-backend", admin: true);
        _traffic = await ContractTraffic.Of(Process.Url);
    }

    private Task<HostProcess> Start(int number) =>
        HostProcess.Start(
            new Dictionary<string, string>(_store.Settings.Concat(MoreSettings))
            {
                ["CALLS__NODE__ID"] = $"node-{number}",
                ["CALLS__POLICY__RING_TIMEOUT"] = $"{RingTimeout.TotalSeconds}s",
                ["CALLS__POLICY__RECONNECT_GRACE"] = $"{Grace.TotalSeconds}s",
                ["CALLS__POLICY__MEDIA_SILENCE"] = "2s",
                ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000000",
            }
                .Concat(SettingsOf(number))
                .GroupBy(setting => setting.Key, setting => setting.Value)
                .ToDictionary(setting => setting.Key, setting => setting.Last())
        );

    public async Task DisposeAsync()
    {
        foreach (var process in Processes)
            await process.DisposeAsync();
        await _store.DisposeAsync();
        _traffic.ShouldKeepTheContract();
    }

    /// <summary>A name that no other test has.</summary>
    public string Fresh(string name) => $"{name}-{Interlocked.Increment(ref _made)}";

    /// <summary>Fresh users of these names.</summary>
    public string[] People(params string[] names) => [.. names.Select(Fresh)];

    /// <summary>A new channel of these members: a direct one if they are two.</summary>
    public async Task<string> Channel(params string[] users)
    {
        var id = Fresh("channel");
        var members = users.Select(user => new { user_id = user, name = user });
        var kind = users.Length == 2 ? "direct" : "group";
        await Admin(HttpMethod.Put, $"/api/admin/dm/{id}", new { kind, members });
        return id;
    }

    /// <summary>The backend takes a member out of a channel.</summary>
    public Task Remove(string channel, string user) =>
        Admin(HttpMethod.Delete, $"/api/admin/dm/{channel}/members/{user}");

    /// <summary>A caller with a WebSocket and media.</summary>
    /// <param name="user">Who.</param>
    /// <param name="device">With which device.</param>
    /// <param name="tone">What it says, in Hz.</param>
    /// <param name="at">At which of the servers.</param>
    public async Task<CallsCaller> SignIn(string user, string device = "phone", double? tone = null, int at = 0) =>
        await CallsCaller.Connect(
            Processes[at].Url,
            await Processes[at].Token(user),
            device,
            new CallerOptions
            {
                Tone = tone,
                Deadline = Eventually.Deadline,
                Tap = _traffic.Listen,
            }
        );

    /// <summary>A user who asks by REST, once and in one channel.</summary>
    /// <param name="user">Who.</param>
    /// <param name="method">GET, POST…</param>
    /// <param name="path">Such as <c>/api/dm/x/call/start</c>.</param>
    /// <param name="headers">More headers.</param>
    public async Task<(int Status, JsonElement Body)> Rest(
        string user,
        HttpMethod method,
        string path,
        params (string Name, string Value)[] headers
    ) => await RestAt(0, user, method, path, headers);

    /// <summary>The same at one of several servers.</summary>
    public async Task<(int Status, JsonElement Body)> RestAt(
        int at,
        string user,
        HttpMethod method,
        string path,
        params (string Name, string Value)[] headers
    ) => await Send(at, await Process.Token(user), method, path, null, headers);

    /// <summary>Starts a call by WebSocket or, from the device "phone", by REST.</summary>
    /// <returns>The call and no code, or the code of the refusal and the call that it names.</returns>
    public async Task<(string? Code, JsonElement Call)> Start(
        CallsCaller caller,
        string channel,
        bool byRest,
        int at = 0
    )
    {
        if (byRest)
        {
            var path = $"/api/dm/{channel}/call/start";
            var (status, body) = await RestAt(at, caller.UserId, HttpMethod.Post, path, ("X-Device-Id", "phone"));
            return status == 201 ? (null, body) : (body.Text("code"), body.Call());
        }
        try
        {
            return (null, (await caller.Start(channel)).Call());
        }
        catch (CallRefusedException refused)
        {
            return (refused.Code, refused.Body.Call());
        }
    }

    /// <summary>The nodes that one of the servers lists.</summary>
    public async Task<string[]> NodesAt(int at)
    {
        var (_, body) = await Send(at, _admin, HttpMethod.Get, "/api/admin/nodes", null);
        return [.. body.GetProperty("nodes").EnumerateArray().Select(n => n.Text("node_id")!)];
    }

    /// <summary>An operator has one of the servers drained, by asking another.</summary>
    public async Task<(int Status, JsonElement Body)> Drain(int at, int by) =>
        await Send(by, _admin, HttpMethod.Post, $"/api/admin/nodes/node-{at + 1}/drain", null);

    /// <summary>The media sessions that one of the servers forwards for, as it says itself.</summary>
    public async Task<int> SessionsAt(int at)
    {
        var (_, body) = await Send(at, _admin, HttpMethod.Get, "/api/admin/nodes", null);
        var own = body.GetProperty("nodes").EnumerateArray().Single(n => n.Text("node_id") == $"node-{at + 1}");
        return own.GetProperty("sessions").GetInt32();
    }

    /// <summary>Whether a server says that it may have work, and else why not.</summary>
    public async Task<string?> ReadinessOf(int at)
    {
        using var answer = await Http.GetAsync(new Uri(Processes[at].Url, "/readyz"));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).Text("status");
    }

    /// <summary>What else one of several servers is to have in its environment.</summary>
    protected virtual IReadOnlyDictionary<string, string> SettingsOf(int number) => new Dictionary<string, string>();

    /// <summary>What else the server's environment is to have.</summary>
    protected virtual IReadOnlyDictionary<string, string> MoreSettings => new Dictionary<string, string>();

    private async Task Admin(HttpMethod method, string path, object? body = null)
    {
        var (status, answer) = await Send(0, _admin, method, path, body);
        status.ShouldBe(200, answer.ToString());
    }

    private async Task<(int Status, JsonElement Body)> Send(
        int at,
        string token,
        HttpMethod method,
        string path,
        object? body,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(Processes[at].Url, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}

/// <summary>On its own append-only log.</summary>
public sealed class EmbeddedNode() : LiveNode(onRedis: false);

/// <summary>On a real Redis.</summary>
public sealed class RedisNode() : LiveNode(onRedis: true);

/// <summary>Two on one Redis.</summary>
public sealed class TwoNodes() : LiveNode(onRedis: true, count: 2);
