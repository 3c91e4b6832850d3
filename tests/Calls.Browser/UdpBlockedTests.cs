using Calls.Browser.Parts;
using Microsoft.Playwright;

namespace Calls.Browser;

/// <summary>A browser in a network whose firewall drops UDP: nobody has told it so, and nothing but ICE finds the way.</summary>
[Collection(BrowserTests.Name)]
public sealed class UdpBlockedTests(Chromium chromium)
{
    [OwnNetworkFact]
    public async Task One_whose_network_drops_UDP_speaks_and_hears_over_TCP()
    {
        await using var network = await UdpBlockedNetwork.Make();
        var settings = new Dictionary<string, string> { ["CALLS__MEDIA__ADDRESSES"] = $"127.0.0.1,{network.Outside}" };
        await using var stage = await Stage.Open(chromium, settings, alsoAt: network.Outside);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.Launch(
            playwright,
            network.Launcher("/usr/bin/chromium"),
            // Microphones are for secure pages; a page from another machine is none without TLS.
            $"--unsafely-treat-insecure-origin-as-secure={stage.Host.OtherUrl!.GetLeftPart(UriPartial.Authority)}"
        );
        var alice = await stage.EnterFrom(browser, "Alice");
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");
        await bob.Answers();
        await alice.IsInCall();
        await bob.IsInCall();

        await alice.Hears(bob);
        await bob.Hears(alice);
        var way = await MediaWay.Of(alice);
        way.ShouldStartWith("tcp ");
        way.ShouldEndWith($" to {network.Outside}");
        (await MediaWay.Of(bob)).ShouldStartWith("udp ");
        (await network.DroppedPackets()).ShouldBePositive("the browser has tried UDP, and the firewall was in its way");
    }
}
