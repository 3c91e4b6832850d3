using Calls.Browser.Parts;

namespace Calls.Browser;

/// <summary>Being lost in mid-call and coming back (S14, M9).</summary>
[Collection(BrowserTests.Name)]
public sealed class ReturnTests(Chromium chromium)
{
    [Fact]
    public async Task A_reloaded_page_is_back_in_the_call_and_heard_again()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await bob.Hears(alice);

        await alice.Page.ReloadAsync();

        await alice.IsInCall();
        await alice.Hears(bob);
        await bob.Hears(alice);
        await Person.SeesNoMore(bob.Page.GetByText("Reconnecting…"));
    }

    [Fact]
    public async Task A_mute_outlives_a_reload()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await alice.Button("Mute").ClickAsync();
        await Person.Sees(bob.Participant("Alice").GetByText("muted"));

        await alice.Page.ReloadAsync();

        await alice.IsInCall();
        await Person.Sees(alice.Button("Unmute"));
        await alice.Hears(bob);
        await bob.HearsNothingOf(alice);
        await alice.Button("Unmute").ClickAsync();
        await bob.Hears(alice);
    }

    [Fact]
    public async Task A_server_killed_and_started_again_in_mid_call_is_hardly_noticed()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await alice.Hears(bob);

        await stage.Host.Kill();
        await Person.Sees(alice.Bar.GetByText("Reconnecting…"));
        await stage.Host.Launch();

        await alice.IsInCall();
        await bob.IsInCall();
        await alice.Hears(bob);
        await bob.Hears(alice);
    }

    [Fact]
    public async Task A_call_hung_up_while_the_server_is_away_is_over_when_it_is_back()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();

        await stage.Host.Kill();
        await Person.Sees(alice.Bar.GetByText("Reconnecting…"));
        await alice.HangsUp();
        await Person.SeesNoMore(alice.Bar);
        await stage.Host.Launch();

        await Person.SeesNoMore(bob.Bar);
        await Person.Sees(alice.Button("Call Bob"));
        await Person.Sees(bob.Button("Call Alice"));
    }
}
