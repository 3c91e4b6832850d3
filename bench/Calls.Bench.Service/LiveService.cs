using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Calls.TestKit;

namespace Calls.Bench.Service;

/// <summary>The service as an operator starts it: a process of its own, on one of the stores.</summary>
internal sealed class LiveService : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = Line.Deadline };

    private readonly RedisServer? _redis;
    private readonly HostProcess _host;
    private readonly string _admin;

    private LiveService(RedisServer? redis, HostProcess host, string admin) =>
        (_redis, _host, _admin) = (redis, host, admin);

    public int ProcessId => _host.ProcessId;

    public static async Task<LiveService> Start(string store)
    {
        var redis = store == "redis" ? await RedisServer.Start() : null;
        var host = await HostProcess.Start(
            new Dictionary<string, string>
            {
                ["CALLS__STORE"] = store,
                ["CALLS__REDIS__CONNECTION"] = redis?.Connection ?? "none",
                ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000000",
                ["DOTNET_TieredCompilation"] = "0", // as shipped
            }
        );
        return new LiveService(redis, host, await host.Token("the-backend", admin: true));
    }

    public async Task<Line> SignIn(string user, int bufferBytes = 16 * 1024) =>
        await Line.Open(new Uri($"ws://{_host.Url.Authority}/ws"), await _host.Token(user), bufferBytes);

    /// <summary>A channel of so many fresh users, all of them signed in.</summary>
    public async Task<Party> Gather(string channel, int people)
    {
        var users = Enumerable.Range(0, people).Select(i => $"{channel}-{i}").ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_host.Url, $"/api/admin/dm/{channel}"))
        {
            Content = JsonContent.Create(
                new { kind = people == 2 ? "direct" : "group", members = users.Select(u => new { user_id = u }) }
            ),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _admin);
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return new Party(channel, [.. await Task.WhenAll(users.Select(user => SignIn(user)))]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }
}

/// <summary>The members of a channel, each with a connection; the first one calls.</summary>
internal sealed record Party(string Channel, Line[] Lines) : IAsyncDisposable
{
    public Line Caller => Lines[0];

    /// <summary>A request about the channel.</summary>
    public byte[] Message(string type) =>
        Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","id":1,"channel_id":"{{Channel}}"}""");

    public async ValueTask DisposeAsync()
    {
        foreach (var line in Lines)
            await line.DisposeAsync();
    }
}
