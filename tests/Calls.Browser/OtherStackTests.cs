using Calls.Browser.Parts;

namespace Calls.Browser;

/// <summary>Clients on a WebRTC stack that is no browser.</summary>
[Collection(BrowserTests.Name)]
public sealed class OtherStackTests(Chromium chromium)
{
    [Fact]
    public async Task A_browser_and_two_clients_on_werift_hear_each_the_two_others()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        await alice.Calls("Bob, Carol, Dave");
        await using var bob = await WeriftPeer.Join(stage.Host, "bob", "group-demo");
        await using var carol = await WeriftPeer.Join(stage.Host, "carol", "group-demo");

        await bob.Hears("alice");
        await bob.Hears("carol");
        await carol.Hears("alice");
        await carol.Hears("bob");
        await Tones.AreHeard(alice, "bob", "carol");
    }
}
