using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Calls.TestKit;
using Calls.TestKit.Contract;

namespace Calls.Host.Tests.Wire;

/// <summary>What a REST request was answered.</summary>
public sealed record Answer(int Status, JsonElement Body, HttpResponseHeaders Headers)
{
    public string? Code => Body.GetProperty("code").GetString();

    public string Error => Body.GetProperty("error").GetString()!;
}

/// <summary>A real server in its own process, as an operator starts it; one per test class. Tests share it and each make their own users.</summary>
public abstract class WireServer(params (string Name, string Value)[] settings) : IAsyncLifetime
{
    private static readonly HttpClient Http = new() { Timeout = Deadline };

    private HostProcess? _host;
    private string _admin = "";
    private int _made;

    /// <summary>How long anything may take before a test gives up: generous, for machines that are busy.</summary>
    public static TimeSpan Deadline => TimeSpan.FromSeconds(20);

    public Uri Url => _host!.Url;

    public async Task InitializeAsync()
    {
        _host = await HostProcess.Start(settings.ToDictionary(s => s.Name, s => s.Value));
        _admin = await Token("the-backend", admin: true);
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    /// <summary>A name that no other test has.</summary>
    public string Fresh(string name) => $"{name}-{Interlocked.Increment(ref _made)}";

    public Task<string> Token(string user, double? ttl = null, bool admin = false, string? name = null) =>
        _host!.Token(user, admin, name, ttl);

    /// <summary>A new channel of these members, each of whom may read and call.</summary>
    public async Task<string> Channel(params string[] users)
    {
        var id = Fresh("channel");
        var members = users.Select(u => new { user_id = u, name = u.ToUpperInvariant() });
        var kind = users.Length == 2 ? "direct" : "group";
        var answer = await Admin(HttpMethod.Put, $"/api/admin/dm/{id}", new { kind, members });
        answer.Status.ShouldBe(200, answer.Body.ToString());
        return id;
    }

    public Task<Answer> Admin(HttpMethod method, string path, object? body = null) =>
        Send(method, path, _admin, body is null ? null : JsonSerializer.Serialize(body));

    /// <summary>A REST request as a client makes it.</summary>
    public async Task<Answer> Send(
        HttpMethod method,
        string path,
        string? token,
        string? body = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(Url, path));
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        var exchange = new Exchange(
            method.Method,
            path,
            body,
            [.. headers.Select(h => h.Name)],
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            json.RootElement
        );
        (await ServedContract.Of(Url)).Rest.Faults(exchange).ShouldBeEmpty($"The contract is broken: {text}");
        return new Answer((int)response.StatusCode, json.RootElement.Clone(), response.Headers);
    }

    /// <summary>A connection that is signed in and has had its <c>ready</c>.</summary>
    public async Task<WireClient> Connect(string user, string? device = null)
    {
        var query = device is null ? "" : $"?device_id={device}";
        var client = await WireClient.Open(Url, await Token(user), query);
        await client.Next("ready");
        return client;
    }
}

/// <summary>For tests that start many calls and have no wish for the limit.</summary>
public sealed class WireHost() : WireServer(("CALLS__POLICY__STARTS_PER_MINUTE", "100000"));

/// <summary>A server whose rings are short, so that a test can hear them out.</summary>
public sealed class ShortRingHost()
    : WireServer(("CALLS__POLICY__RING_TIMEOUT", "3s"), ("CALLS__POLICY__STARTS_PER_MINUTE", "100000"));

/// <summary>A server that loses patience soon, though not so soon that a busy machine's pause would cost a good client its connection.</summary>
public sealed class StrictHost() : WireServer(("CALLS__POLICY__HEARTBEAT", "2s"));

/// <summary>A server that never asks whether anybody is there, so that silence alone cuts nobody off.</summary>
public sealed class PatientHost()
    : WireServer(("CALLS__POLICY__HEARTBEAT", "1h"), ("CALLS__POLICY__RECONNECT_GRACE", "5m"));
