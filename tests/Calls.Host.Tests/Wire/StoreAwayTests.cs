using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Calls.TestKit;

namespace Calls.Host.Tests.Wire;

/// <summary>While the store is away, every route that needs it says so with an id that is found in the log.</summary>
public sealed partial class StoreAwayTests : IAsyncLifetime
{
    private readonly HttpClient _http = new() { Timeout = WireServer.Deadline };
    private RedisServer _redis = null!;
    private HostProcess _host = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _host = await HostProcess.Start(
            new Dictionary<string, string>
            {
                ["CALLS__STORE"] = "redis",
                ["CALLS__REDIS__CONNECTION"] = _redis.Connection,
            }
        );
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Each_route_answers_internal_error_with_an_id_that_stands_in_the_log_and_recovers_with_the_store()
    {
        var token = await _host.Token("alice");
        (await Send(HttpMethod.Get, "/api/me/calls", token)).Status.ShouldBe(200);
        _redis.Kill();

        foreach (
            var (method, path, body) in new[]
            {
                (HttpMethod.Get, "/api/me/calls", null),
                (HttpMethod.Post, "/api/me/calls/seen", "{}"),
                (HttpMethod.Get, "/api/me/call-settings", null),
                (HttpMethod.Put, "/api/me/call-settings", "{}"),
                (HttpMethod.Get, "/api/dm/dm-alice-bob/calls", null),
                (HttpMethod.Post, "/api/dm/dm-alice-bob/call/start", null),
                (HttpMethod.Post, "/api/dm-groups/group-demo/voice-presence/join", (string?)null),
            }
        )
        {
            var (status, answer) = await Send(method, path, token, body);
            status.ShouldBe(500, $"{path}: {answer}");
            answer.GetProperty("code").GetString().ShouldBe("internal_error", path);
            answer.Fields().ShouldBe(["code", "error"]);
            var id = ErrorId().Match(answer.GetProperty("error").GetString()!).Groups["id"].Value;
            id.ShouldNotBeEmpty(answer.ToString());
            await Eventually.Holds(
                () => Task.FromResult(_host.Output.Any(line => line.Contains(id, StringComparison.Ordinal))),
                () => $"the log has the id {id} of {path}"
            );
        }

        await _redis.Start();
        await Eventually.Holds(
            async () => (await Send(HttpMethod.Get, "/api/me/calls", token)).Status == 200,
            () => "it is served again when the store is back"
        );
    }

    private async Task<(int Status, JsonElement Body)> Send(
        HttpMethod method,
        string path,
        string token,
        string? body = null
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(_host.Url, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, json.RootElement.Clone());
    }

    [GeneratedRegex(@"\(error (?<id>[0-9a-z]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ErrorId();
}
