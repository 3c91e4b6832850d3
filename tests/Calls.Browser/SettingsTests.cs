using Calls.Browser.Parts;
using Microsoft.Playwright;

namespace Calls.Browser;

/// <summary>How one wants to be called, and what one has missed (S12, S16, U2).</summary>
[Collection(BrowserTests.Name)]
public sealed class SettingsTests(Chromium chromium)
{
    [Fact]
    public async Task A_missed_call_is_counted_in_the_sidebar_until_its_conversation_is_opened()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await bob.Chooses("Alice, Carol, Dave");
        for (var calls = 0; calls < 2; calls++)
        {
            await alice.Calls("Bob");
            await Person.Sees(bob.Ring);
            await alice.HangsUp();
            await Person.SeesNoMore(bob.Ring);
        }

        await Person.SeesText(bob.Conversation("Alice"), "2 missed calls");
        await bob.Page.ReloadAsync();
        await Person.SeesText(bob.Conversation("Alice"), "2 missed calls");
        await bob.Chooses("Alice");

        await Person.SeesNoMore(bob.Conversation("Alice").GetByText("missed calls"));
        await Assertions.Expect(bob.Page.GetByText("Missed call from Alice")).ToHaveCountAsync(2);
        await bob.Page.ReloadAsync();
        await bob.SeesOnline();
        await Person.SeesNoMore(bob.Conversation("Alice").GetByText("missed calls"));
    }

    [Fact]
    public async Task A_quiet_call_shows_without_a_sound()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await ListenForRinging(bob);
        await Sets(bob, "Quiet");
        await Person.SeesText(Mode(bob), "Quiet");

        await alice.Calls("Bob");

        await Person.SeesText(bob.Ring, "without a sound");
        (await bob.Evaluate("tonesPlayed")).GetInt32().ShouldBe(0);
        await alice.HangsUp();
        await Person.SeesNoMore(bob.Ring);
        await Sets(bob, "Ring");
        await alice.Button("Call Bob").ClickAsync();
        await Person.Sees(bob.Ring);
        await Eventually.Holds(
            async () => (await bob.Evaluate("tonesPlayed")).GetInt32() > 0,
            () => "an ordinary call rings aloud"
        );
    }

    [Fact]
    public async Task Who_does_not_want_to_be_disturbed_is_not_available_and_misses_the_call()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await bob.Chooses("Alice, Carol, Dave");
        await Sets(bob, "Do not disturb");
        await Person.SeesText(Mode(bob), "Do not disturb");

        await alice.Calls("Bob");

        await Person.Sees(alice.Page.GetByText("Bob is not available right now."));
        await Person.SeesNoMore(alice.Bar);
        await Person.SeesText(bob.Conversation("Alice"), "Missed call");
        await Person.SeesNoMore(bob.Ring);
        await bob.Chooses("Alice");
        await Person.Sees(bob.Page.GetByText("Missed call from Alice"));
    }

    [Fact]
    public async Task One_who_is_blocked_cannot_call_until_unblocked()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await bob.Chooses("Alice");
        await bob.Button("More about this conversation").ClickAsync();
        await MenuItem(bob, "Block Alice").ClickAsync();
        await Person.SeesText(bob.Header, "Blocked");

        await alice.Calls("Bob");
        await Person.Sees(alice.Page.GetByText("Bob is not available right now."));
        await Person.SeesNoMore(bob.Ring);
        await Person.SeesNoMore(bob.Conversation("Alice").GetByText("Missed call"));

        await bob.Button("Call settings").ClickAsync();
        await MenuItem(bob, "Unblock Alice").ClickAsync();
        await Person.SeesText(bob.Header, "Direct message");
        await alice.Button("Call Bob").ClickAsync();
        await Person.SeesText(bob.Ring, "Alice is calling…");
    }

    [Fact]
    public async Task Settings_hold_on_the_users_next_device()
    {
        await using var stage = await Stage.Open(chromium);
        var bob = await stage.Enter("Bob");
        await Sets(bob, "Quiet");
        await Person.SeesText(Mode(bob), "Quiet");

        await bob.Page.ReloadAsync();

        await Person.SeesText(Mode(bob), "Quiet");
        await bob.Button("Call settings").ClickAsync();
        await Assertions
            .Expect(bob.Page.GetByRole(AriaRole.Menuitemradio, new() { Name = "Quiet" }))
            .ToBeCheckedAsync();
    }

    [Fact]
    public async Task A_ring_leaves_the_screen_after_half_a_minute_and_stays_in_the_sidebar()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await bob.Page.Clock.InstallAsync();
        await bob.Page.ReloadAsync();
        await bob.SeesOnline();
        await alice.Calls("Bob");
        await Person.Sees(bob.Ring);

        await bob.Page.Clock.RunForAsync(31_000);

        await Person.SeesNoMore(bob.Ring);
        await Person.SeesText(bob.Conversation("Alice"), "Alice is calling…");
        await Person.SeesText(alice.Bar, "Calling…");
    }

    /// <summary>Counts the notes that the page plays by itself.</summary>
    private static Task ListenForRinging(Person person) =>
        person.Evaluate(
            """
            (() => {
              window.tonesPlayed = 0;
              const Native = OscillatorNode;
              window.OscillatorNode = class extends Native {
                start(when) {
                  window.tonesPlayed += 1;
                  super.start(when);
                }
              };
            })()
            """
        );

    private static async Task Sets(Person person, string mode)
    {
        await person.Button("Call settings").ClickAsync();
        await person
            .Page.GetByRole(AriaRole.Menuitemradio)
            .Filter(new() { Has = person.Page.GetByText(mode, new() { Exact = true }) })
            .ClickAsync();
    }

    /// <summary>What stands beside one's own name.</summary>
    private static ILocator Mode(Person person) => person.Page.Locator(".own-connection");

    private static ILocator MenuItem(Person person, string name) =>
        person.Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = name });
}
