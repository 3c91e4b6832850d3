using System.Globalization;

namespace Calls.Host.Tests.Wire;

/// <summary>A token's end is announced a minute ahead, and a new one on the open connection puts it off.</summary>
public sealed class TokenEndTests(WireHost host) : IClassFixture<WireHost>
{
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(60);

    /// <summary>A token names whole seconds, and a busy machine is late; it is never early.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task The_end_is_announced_60_seconds_ahead_and_again_for_the_renewed_token()
    {
        var user = host.Fresh("alice");
        await using var client = await WireClient.Open(host.Url, await host.Token(user, ttl: 63));
        await client.Next("ready");
        (await client.TakeAll()).ShouldBeEmpty("there is time yet");
        var first = await Announced(client);

        await Renew(client, await host.Token(user, ttl: 66));
        (await client.TakeAll()).Select(m => m.Type()).ShouldNotContain("token_expiring");
        (await Announced(client)).ShouldBeGreaterThan(first);
        await Renew(client, await host.Token(user));
        (await client.Ask("ping")).Type().ShouldBe("reply");
    }

    [Fact]
    public async Task A_token_that_has_less_than_that_is_announced_at_once_and_only_once()
    {
        var user = host.Fresh("alice");
        await using var client = await WireClient.Open(host.Url, await host.Token(user, ttl: 30));
        await client.Next("ready");
        Shape.Has(await client.Next("token_expiring"), "type expires_at");
        (await client.TakeAll()).ShouldBeEmpty();
    }

    private static async Task<DateTimeOffset> Announced(WireClient client)
    {
        var notice = await client.Next("token_expiring");
        Shape.Has(notice, "type expires_at");
        var text = notice.Text("expires_at")!;
        text.ShouldMatch(Shape.Time);
        var end = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        (end - DateTimeOffset.UtcNow).ShouldBeInRange(Notice - Late, Notice);
        return end;
    }

    private static async Task Renew(WireClient client, string token)
    {
        await client.Send($$"""{"type":"authenticate","id":9,"token":"{{token}}"}""");
        await client.Next(m => m.Type() == "ready" && m.TryGetProperty("id", out _), "the renewal's ready");
    }
}
