using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Calls.LoadTest.Run;

/// <summary>The part of a chat app's backend: makes the channels, and removes them again.</summary>
internal sealed class Backend(Uri service, TokenSource tokens, HttpClient http)
{
    private const string Operator = "load-test-operator";

    private string? _token;

    /// <summary>Asks whether the service is there and takes our tokens.</summary>
    public async Task Check()
    {
        try
        {
            using var ready = await http.GetAsync(new Uri(service, "/readyz"));
            if (ready.StatusCode != HttpStatusCode.OK)
                throw new LoadTestException($"{service} is not ready: {(int)ready.StatusCode} from /readyz.");
            _token = await tokens.For(Operator, admin: true);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new LoadTestException($"{service} cannot be reached: {e.Message}", e);
        }
    }

    /// <summary>Makes a channel of these users.</summary>
    public async Task MakeChannel(string channel, IEnumerable<string> users)
    {
        var members = users.Select(user => new { user_id = user, name = user }).ToArray();
        var body = new { kind = members.Length == 2 ? "direct" : "group", members };
        using var response = await Send(HttpMethod.Put, channel, JsonContent.Create(body));
        if (!response.IsSuccessStatusCode)
        {
            throw new LoadTestException(
                $"{service} makes no channels for us: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}"
            );
        }
    }

    /// <summary>Removes it; that it could not be is no reason to fail at the end of a run.</summary>
    public async Task<bool> RemoveChannel(string channel)
    {
        try
        {
            using var response = await Send(HttpMethod.Delete, channel, null);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string channel, HttpContent? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(service, $"/api/admin/dm/{channel}"));
        request.Content = body;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return await http.SendAsync(request);
    }
}
