using System.Globalization;
using System.Net.Http.Json;
using Calls.TestKit;

namespace Calls.Caller.Tests.Service;

/// <summary>The service in its own process, and callers for it.</summary>
public sealed class ServiceProcess : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private HostProcess? _host;
    private int _channels;

    public async Task InitializeAsync() =>
        _host = await HostProcess.Start(
            new Dictionary<string, string> { ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000" }
        );

    public async Task DisposeAsync()
    {
        _http.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
    }

    /// <summary>Makes a channel of these users, all new to the service, and returns its id.</summary>
    public async Task<string> MakeChannel(params string[] userIds)
    {
        var id = $"channel-{Interlocked.Increment(ref _channels).ToString(CultureInfo.InvariantCulture)}-{userIds[0]}";
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_host!.Url, $"/api/admin/dm/{id}"));
        var kind = userIds.Length == 2 ? "direct" : "group";
        request.Content = JsonContent.Create(new { kind, members = userIds.Select(u => new { user_id = u }) });
        request.Headers.Authorization = new("Bearer", await _host.Token("operator", admin: true));
        using var response = await _http.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return id;
    }

    /// <summary>Signs a user in.</summary>
    public Task<CallsCaller> Connect(string userId, double? tone = null, string? deviceId = null) =>
        Connect(userId, new CallerOptions { Tone = tone }, deviceId);

    /// <summary>Signs a user in who behaves otherwise.</summary>
    public async Task<CallsCaller> Connect(string userId, CallerOptions options, string? deviceId = null) =>
        await CallsCaller.Connect(_host!.Url, await _host.Token(userId, name: userId), deviceId, options);
}
