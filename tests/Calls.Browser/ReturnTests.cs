using Calls.Browser.Parts;
using Microsoft.Playwright;

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

    [Fact]
    public async Task While_the_connection_is_away_seconds_count_down_and_words_come_at_five_ten_and_fifteen()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, _) = await stage.TwoInCall();
        await alice.Page.Clock.InstallAsync();
        await alice.Page.ReloadAsync();
        await alice.IsInCall();

        await stage.Host.Kill();
        await Person.Sees(alice.Bar.GetByText("Reconnecting… 12 s"));
        await Person.Sees(Strip(alice).GetByText("Reconnecting to the call."));
        await Person.Sees(Strip(alice).GetByText("Still trying to reconnect."));
        await alice.Page.Clock.RunForAsync(4_000);
        await Person.Sees(Strip(alice).GetByText("The others may lose you in a moment."));
        await alice.Page.Clock.RunForAsync(6_000);
        await Person.Sees(Strip(alice).GetByText("You may have been dropped from the call."));
        await Person.SeesText(alice.Bar, "Connection lost. Still trying…");
    }

    private static ILocator Strip(Person person) => person.Page.Locator(".trouble");
}
