using System.Net;
using Calls.Browser.Parts;

namespace Calls.Browser;

/// <summary>A real browser in networks that are not as one would wish.</summary>
[Collection(BrowserTests.Name)]
public sealed class NetworkTests(Chromium chromium)
{
    /// <summary>The page never learns of the server's UDP candidates, as if a firewall dropped what is sent there.</summary>
    private const string WithoutUdp = """
        const take = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
          return take.call(this, { type, sdp: sdp.replace(/^a=candidate:\S+ 1 udp .*\r\n/gm, '') });
        };
        """;

    [Fact]
    public async Task One_without_UDP_speaks_and_hears_over_TCP()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice", script: WithoutUdp);
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");
        await bob.Answers();
        await alice.IsInCall();
        await bob.IsInCall();

        await alice.Hears(bob);
        await bob.Hears(alice);
        (await MediaWay.Of(alice)).ShouldStartWith("tcp ");
        (await MediaWay.Of(bob)).ShouldStartWith("udp ");
        alice.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_hear_each_other_over_IPv6()
    {
        await using var stage = await Stage.Open(
            chromium,
            new Dictionary<string, string> { ["CALLS__MEDIA__ADDRESSES"] = "::1" }
        );
        var (alice, bob) = await stage.TwoInCall();
        await alice.Hears(bob);
        await bob.Hears(alice);
        (await MediaWay.Of(alice)).ShouldEndWith("to ::1");
    }

    /// <summary>A NAT in front of the server has another address and port than the server itself, which is also told of one where nobody is; then the NAT forgets who was who.</summary>
    [Fact]
    public async Task Behind_a_NAT_that_maps_the_port_and_then_forgets_its_clients_they_go_on_hearing_each_other()
    {
        await using var nat = new UdpNat(IPAddress.Parse("127.0.0.8"));
        await using var stage = await Stage.Open(
            chromium,
            new Dictionary<string, string>
            {
                ["CALLS__MEDIA__ADDRESSES"] = "203.0.113.5,127.0.0.8",
                ["CALLS__MEDIA__ANNOUNCED_PORT"] = $"{nat.Port}",
            }
        );
        nat.Server = new IPEndPoint(IPAddress.Loopback, stage.Host.MediaPort);
        var (alice, bob) = await stage.TwoInCall();
        await alice.Hears(bob);
        await bob.Hears(alice);

        nat.Forget();
        await alice.Hears(bob);
        await bob.Hears(alice);
        nat.Clients.ShouldBeGreaterThanOrEqualTo(2);
        (await MediaWay.Of(alice)).ShouldEndWith("to 127.0.0.8");
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task One_who_may_use_nothing_but_a_TURN_server_gets_credentials_for_it_and_is_in_the_call(
        string transport
    )
    {
        await using var turn = await TurnServer.Start(TurnSecret);
        await using var stage = await Stage.Open(chromium, WithTurn(turn, transport));
        var alice = await stage.Enter("Alice", script: RelayOnly);
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");
        await bob.Answers();
        await alice.IsInCall();
        await bob.IsInCall();

        await alice.Hears(bob);
        await bob.Hears(alice);
        (await MediaWay.Of(alice)).ShouldStartWith("udp relay"); // from the TURN server on it is UDP
        turn.Log.ShouldContain(":alice>");
    }

    [Fact]
    public async Task Credentials_made_with_another_secret_open_nothing()
    {
        await using var turn = await TurnServer.Start("another");
        await using var stage = await Stage.Open(chromium, WithTurn(turn, "udp"));
        var alice = await stage.Enter("Alice", script: RelayOnly);
        await alice.Calls("Bob");
        await Eventually.Holds(
            () =>
                Task.FromResult(
                    turn.Log.Contains(":alice>: incoming packet message processed, error 401", StringComparison.Ordinal)
                ),
            () => $"coturn refuses alice: {turn.Log}"
        );
        turn.Log.ShouldNotContain("ALLOCATE processed, success");
    }

    private const string TurnSecret = "a secret that the two servers share";

    /// <summary>What a network does that lets through nothing but the way to a TURN server.</summary>
    private const string RelayOnly = """
        const Direct = RTCPeerConnection;
        globalThis.RTCPeerConnection = class extends Direct {
          constructor(options) { super({ ...options, iceTransportPolicy: 'relay' }); }
        };
        """;

    private static Dictionary<string, string> WithTurn(TurnServer turn, string transport) =>
        new()
        {
            ["CALLS__ICE_SERVERS__0__URLS"] = $"turn:127.0.0.1:{turn.Port}?transport={transport}",
            ["CALLS__ICE_SERVERS__0__SECRET"] = TurnSecret,
        };
}
