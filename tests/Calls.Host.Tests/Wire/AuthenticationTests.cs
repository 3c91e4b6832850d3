using System.Text.Json;

namespace Calls.Host.Tests.Wire;

public sealed class AuthenticationTests(WireHost host) : IClassFixture<WireHost>
{
    private const int Unauthenticated = 4401;

    [Fact]
    public async Task A_token_in_the_header_gives_ready_by_itself_and_the_query_names_the_device()
    {
        var user = host.Fresh("alice");
        await using var client = await WireClient.Open(host.Url, await host.Token(user), "?device_id=phone:1");
        var ready = await client.Next("ready");
        ready.Text("user_id").ShouldBe(user);
        ready.Text("device_id").ShouldBe("phone:1");
        ready.TryGetProperty("id", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_names_no_device_is_given_one()
    {
        await using var client = await WireClient.Open(host.Url, await host.Token(host.Fresh("alice")));
        (await client.Next("ready")).Text("device_id").ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task The_first_message_can_authenticate_and_ready_repeats_its_id()
    {
        var user = host.Fresh("alice");
        await using var client = await WireClient.Open(host.Url);
        await client.Send(Authenticate("\"first\"", await host.Token(user), "laptop"));
        var ready = await client.Next("ready");
        ready.Text("id").ShouldBe("first");
        ready.Text("user_id").ShouldBe(user);
        ready.Text("device_id").ShouldBe("laptop");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6OTk5OTk5OTk5OX0.")]
    public async Task A_bad_token_in_the_header_is_refused_with_401(string token) =>
        (await WireClient.RefusedWith(host.Url, token)).ShouldBe(401);

    [Fact]
    public async Task An_expired_token_in_the_header_is_refused_with_401() =>
        (await WireClient.RefusedWith(host.Url, await host.Token("alice", ttl: -60))).ShouldBe(401);

    [Fact]
    public async Task An_ill_formed_device_in_the_query_is_refused_with_400() =>
        (await WireClient.RefusedWith(host.Url, await host.Token("alice"), "?device_id=a%20b")).ShouldBe(400);

    [Fact]
    public async Task A_bad_token_gets_the_error_and_then_the_close()
    {
        await using var client = await WireClient.Open(host.Url);
        await client.Send(Authenticate("5", "nonsense"));
        var error = await client.Next("error");
        error.Text("code").ShouldBe("unauthenticated");
        error.GetProperty("id").GetInt32().ShouldBe(5);
        (await client.CloseCode).ShouldBe(Unauthenticated);
    }

    [Fact]
    public async Task An_expired_token_gets_its_own_error_and_then_the_close()
    {
        await using var client = await WireClient.Open(host.Url);
        await client.Send(Authenticate("5", await host.Token("alice", ttl: -60)));
        (await client.Next("error")).Text("code").ShouldBe("token_expired");
        (await client.CloseCode).ShouldBe(Unauthenticated);
    }

    [Fact]
    public async Task A_connection_that_does_not_authenticate_is_closed()
    {
        await using var client = await WireClient.Open(host.Url);
        (await client.CloseCode).ShouldBe(Unauthenticated);
    }

    [Fact]
    public async Task A_request_before_authenticating_is_refused_and_the_connection_stays()
    {
        await using var client = await WireClient.Open(host.Url);
        (await client.Refused("ping", "")).ShouldBe("unauthenticated");
        (await client.Refused("call_get", "\"channel_id\":\"x\"")).ShouldBe("unauthenticated");
        await client.Send(Authenticate("1", await host.Token(host.Fresh("alice"))));
        await client.Next("ready");
    }

    [Theory]
    [InlineData("""{"type":"authenticate","id":8}""", "token")]
    [InlineData("""{"type":"authenticate","id":8,"token":5}""", "token")]
    [InlineData("""{"type":"authenticate","id":8,"token":""}""", "token")]
    [InlineData("""{"type":"authenticate","id":8,"token":"x","device_id":"a b"}""", "device_id")]
    public async Task An_ill_formed_authenticate_is_an_invalid_message_and_another_may_follow(string text, string field)
    {
        await using var client = await WireClient.Open(host.Url);
        await client.Send(text);
        var error = await client.Next("error");
        error.Text("code").ShouldBe("invalid_message");
        error.Text("message")!.ShouldContain(field);
        error.GetProperty("id").GetInt32().ShouldBe(8);
        await client.Send(Authenticate("1", await host.Token(host.Fresh("alice"))));
        await client.Next("ready");
    }

    [Fact]
    public async Task The_same_users_new_token_is_taken_and_the_device_stays()
    {
        var user = host.Fresh("alice");
        await using var client = await host.Connect(user, "phone");
        await client.Send(Authenticate("2", await host.Token(user), "another"));
        var ready = await client.Next("ready");
        ready.GetProperty("id").GetInt32().ShouldBe(2);
        ready.Text("device_id").ShouldBe("phone");
    }

    [Fact]
    public async Task Another_users_token_is_forbidden_and_the_connection_stays_whose_it_was()
    {
        var user = host.Fresh("alice");
        var channel = await host.Channel(user, host.Fresh("bob"));
        await using var client = await host.Connect(user);
        var fields = $"\"token\":\"{await host.Token(host.Fresh("mallory"))}\"";
        (await client.Refused("authenticate", fields)).ShouldBe("forbidden");
        (await client.Call("call_get", channel)).ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_bad_token_on_an_open_connection_is_an_error_and_the_connection_stays()
    {
        await using var client = await host.Connect(host.Fresh("alice"));
        (await client.Refused("authenticate", "\"token\":\"nonsense\"")).ShouldBe("unauthenticated");
        (await client.Ask("ping")).Type().ShouldBe("reply");
    }

    [Fact]
    public async Task The_end_of_the_token_closes()
    {
        await using var client = await WireClient.Open(host.Url, await host.Token(host.Fresh("alice"), ttl: 2));
        await client.Next("ready");
        (await client.CloseCode).ShouldBe(Unauthenticated);
    }

    [Fact]
    public async Task A_renewed_token_outlives_the_first()
    {
        var user = host.Fresh("alice");
        await using var watch = await WireClient.Open(host.Url, await host.Token(user, ttl: 3));
        await using var client = await WireClient.Open(host.Url, await host.Token(user, ttl: 2));
        await client.Send(Authenticate("2", await host.Token(user)));
        await client.Next(m => m.Type() == "ready" && m.TryGetProperty("id", out _), "the second ready");
        // The one beside it ends later than the first token would have.
        (await watch.CloseCode).ShouldBe(Unauthenticated);
        (await client.Ask("ping")).Type().ShouldBe("reply");
    }

    [Fact]
    public async Task The_subprotocol_is_echoed()
    {
        await using var client = await WireClient.Open(host.Url, subprotocol: "calls.v1");
        client.Subprotocol.ShouldBe("calls.v1");
    }

    [Fact]
    public async Task A_client_that_names_no_subprotocol_is_served()
    {
        await using var client = await WireClient.Open(host.Url, await host.Token(host.Fresh("alice")));
        client.Subprotocol.ShouldBeNull();
        await client.Next("ready");
    }

    private static string Authenticate(string id, string token, string? device = null)
    {
        var named = device is null ? "" : $",\"device_id\":\"{device}\"";
        return $$"""{"type":"authenticate","id":{{id}},"token":"{{token}}"{{named}}}""";
    }
}
