using System.Net.Sockets;

namespace Calls.Host.Tests.Wire;

public sealed class SilentClientTests(StrictHost host) : IClassFixture<StrictHost>
{
    [Fact]
    public async Task A_client_that_answers_no_ping_is_closed_with_4408()
    {
        using var socket = await RawSocket.Open(host.Url, await host.Token(host.Fresh("alice")));
        var (code, pings) = await socket.ReadUntilClose();
        code.ShouldBe(4408);
        pings.ShouldBe(2);
    }

    [Fact]
    public async Task A_client_that_answers_pings_stays_while_a_silent_one_is_closed()
    {
        var user = host.Fresh("alice");
        await using var client = await host.Connect(user);
        using var silent = await RawSocket.Open(host.Url, await host.Token(user));
        (await silent.ReadUntilClose()).Code.ShouldBe(4408);
        (await client.Ask("ping")).Type().ShouldBe("reply");
    }

    [Fact]
    public async Task Ready_says_how_often_a_heartbeat_comes()
    {
        await using var client = await WireClient.Open(host.Url, await host.Token(host.Fresh("alice")));
        (await client.Next("ready")).GetProperty("heartbeat_ms").GetInt32().ShouldBe(2000);
    }
}

/// <summary>The limit of starts as it ships.</summary>
public sealed class StartLimitTests(PatientHost host) : IClassFixture<PatientHost>
{
    [Fact]
    public async Task The_sixth_start_within_a_minute_is_rate_limited_by_REST_with_Retry_After()
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob);
        var token = await host.Token(alice);
        for (var i = 0; i < 5; i++)
        {
            (await host.Send(HttpMethod.Post, $"/api/dm/{channel}/call/start", token)).Status.ShouldBe(201);
            (await host.Send(HttpMethod.Post, $"/api/dm/{channel}/call/leave", token)).Status.ShouldBe(200);
        }
        var refused = await host.Send(HttpMethod.Post, $"/api/dm/{channel}/call/start", token);
        refused.Status.ShouldBe(429);
        refused.Code.ShouldBe("rate_limited");
        refused.Body.GetProperty("retry_after_ms").GetInt32().ShouldBeInRange(1, 60_000);
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 60);
    }

    [Fact]
    public async Task The_sixth_start_within_a_minute_is_rate_limited_by_WebSocket_too()
    {
        var (alice, bob) = (host.Fresh("alice"), host.Fresh("bob"));
        var channel = await host.Channel(alice, bob);
        await using var client = await host.Connect(alice);
        for (var i = 0; i < 5; i++)
        {
            await client.Call("call_start", channel);
            await client.Call("call_leave", channel);
        }
        var refused = await client.Ask("call_start", $"\"channel_id\":\"{channel}\"");
        refused.Text("code").ShouldBe("rate_limited");
        refused.GetProperty("retry_after_ms").GetInt32().ShouldBeInRange(1, 60_000);
    }
}

public sealed class SlowReaderTests(PatientHost host) : IClassFixture<PatientHost>
{
    private const int Members = 25;

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off_and_the_others_are_served_meanwhile()
    {
        var users = Enumerable.Range(0, Members).Select(i => host.Fresh(new string('u', 50))).ToArray();
        var channel = await FullCall(users);
        using var slow = await RawSocket.Open(host.Url, await host.Token(users[0]), receiveBuffer: 4096);
        await using var other = await host.Connect(users[1], "other");
        await other.Call("call_join", channel);

        // Replies of some 10 KiB, asked for at less than the rate that floods, pile up beyond what may wait for a client.
        var asked = 0;
        var cutOff = false;
        while (!cutOff && asked < 2000)
        {
            cutOff = !await TryAsk(slow, channel, asked < 150 ? 150 : 20);
            asked += asked < 150 ? 150 : 20;
            var muted = asked % 40 == 10 ? "true" : "false";
            var call = await other.Call("voice_state", channel, $"\"muted\":{muted}");
            call.Text("status").ShouldBe("active");
            await Task.Delay(500);
        }
        cutOff.ShouldBeTrue();
        (await other.Call("call_get", channel)).GetProperty("participants").GetArrayLength().ShouldBe(Members);
    }

    /// <summary>A call that everybody is in, with names as long as may be.</summary>
    private async Task<string> FullCall(string[] users)
    {
        var channel = host.Fresh("channel");
        var name = new string('語', 128);
        var members = users.Select(u => new { user_id = u, name });
        (await host.Admin(HttpMethod.Put, $"/api/admin/dm/{channel}", new { kind = "group", members })).Status.ShouldBe(
            200
        );
        foreach (var user in users)
        {
            var verb = user == users[0] ? "start" : "join";
            var token = await host.Token(user, name: name);
            var answer = await host.Send(HttpMethod.Post, $"/api/dm/{channel}/call/{verb}", token);
            answer.Status.ShouldBeInRange(200, 201, answer.Body.ToString());
        }
        return channel;
    }

    /// <summary>Asks for the call so many times; false when the server has hung up.</summary>
    private static async Task<bool> TryAsk(RawSocket socket, string channel, int times)
    {
        try
        {
            for (var i = 0; i < times; i++)
                await socket.Send($$"""{"type":"call_get","id":{{i}},"channel_id":"{{channel}}"}""");
            return true;
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
            return false;
        }
    }
}
