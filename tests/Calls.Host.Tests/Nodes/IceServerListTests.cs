using Calls.Host.Nodes;
using Calls.Host.Settings;
using Calls.Protocol;

namespace Calls.Host.Tests.Nodes;

public sealed class IceServerListTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly UserId Alice = new("alice");

    [Fact]
    public void Credentials_are_what_a_TURN_server_with_the_same_secret_makes_of_them()
    {
        // printf 1700043200:alice | openssl dgst -sha1 -hmac north -binary | base64
        var server = Server(secret: "north", TimeSpan.FromHours(12));
        var view = new IceServerList([server], new Clock()).For(Alice).Single();
        view.Urls.ShouldBe(["turn:turn.example.org"]);
        view.Username.ShouldBe("1700043200:alice");
        view.Credential.ShouldBe("01Pv2e5apc0HX4gVDY1wJke35Uc=");
    }

    [Fact]
    public void They_are_made_anew_each_time_and_for_each_user()
    {
        var clock = new Clock();
        var list = new IceServerList([Server("north", TimeSpan.FromHours(1))], clock);
        var first = list.For(Alice).Single();
        clock.Now += TimeSpan.FromSeconds(10);
        var second = list.For(Alice).Single();
        second.Username.ShouldBe("1700003610:alice");
        second.Credential.ShouldNotBe(first.Credential);
        list.For(new UserId("bob")).Single().Credential.ShouldNotBe(second.Credential);
    }

    [Fact]
    public void Fixed_ones_are_told_as_they_are()
    {
        IceServer[] servers =
        [
            new(["stun:stun.example.org"], null, null, null, TimeSpan.Zero),
            new(["turn:turn.example.org"], "u", new Secret("c"), null, TimeSpan.Zero),
        ];
        var views = new IceServerList(servers, new Clock()).For(Alice);
        (views[0].Username, views[0].Credential).ShouldBe((null, null));
        (views[1].Username, views[1].Credential).ShouldBe(("u", "c"));
    }

    private static IceServer Server(string secret, TimeSpan lifetime) =>
        new(["turn:turn.example.org"], null, null, new Secret(secret), lifetime);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = IceServerListTests.Now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
