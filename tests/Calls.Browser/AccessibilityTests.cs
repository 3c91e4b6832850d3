using Calls.Browser.Parts;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Calls.Browser;

/// <summary>The page by keyboard, by screen reader, on a phone's width (U6).</summary>
[Collection(BrowserTests.Name)]
public sealed class AccessibilityTests(Chromium chromium)
{
    [Fact]
    public async Task A_call_can_be_made_answered_and_ended_by_keyboard_alone()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");

        await Press(alice, alice.Conversation("Bob"));
        await Press(alice, alice.Button("Call Bob"));
        await Person.Sees(bob.Ring);
        await Press(bob, bob.Ring.GetByRole(AriaRole.Button, new() { Name = "Join" }));
        await alice.IsInCall();
        await Press(alice, alice.Button("Mute"));
        await Person.Sees(alice.Button("Unmute"));
        await Press(alice, alice.Button("Hang up"));
        await Person.SeesNoMore(bob.Bar);
    }

    [Fact]
    public async Task Every_button_has_a_name_and_every_region_too()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, _) = await stage.TwoInCall();

        var nameless = await alice.Evaluate(
            """
            [...document.querySelectorAll('button, nav, section, [role=group], [role=menu], ul.tiles')]
              .filter((element) => !(element.getAttribute('aria-label') ?? element.textContent).trim())
              .map((element) => element.outerHTML)
            """
        );

        nameless.GetArrayLength().ShouldBe(0, nameless.ToString());
    }

    [Fact]
    public async Task The_ring_is_an_alert_and_the_course_of_the_call_is_announced()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");

        await alice.Calls("Bob");
        await Person.SeesText(bob.Page.GetByRole(AriaRole.Alert), "Alice is calling…");
        await Person.SeesText(Announcer(alice), "Calling Bob.");
        await bob.Answers();
        await Person.SeesText(Announcer(alice), "In call with Bob.");
        await bob.HangsUp();
        await Person.SeesText(Announcer(alice), "Bob hung up");
    }

    [Theory]
    [InlineData(320)]
    [InlineData(360)]
    [InlineData(1280)]
    public async Task Nothing_sticks_out_sideways_in_a_call(int width)
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice", new() { Width = width, Height = 640 });
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");
        await bob.Answers();
        await alice.IsInCall();

        (await alice.Evaluate("document.documentElement.scrollWidth")).GetInt32().ShouldBeLessThanOrEqualTo(width);
        foreach (
            var name in new[] { "Mute", "Microphone and speaker", "Deafen", "Hang up", "More about this conversation" }
        )
        {
            var box = await alice.Button(name).BoundingBoxAsync();
            box.ShouldNotBeNull();
            box.X.ShouldBeGreaterThanOrEqualTo(0);
            (box.X + box.Width).ShouldBeLessThanOrEqualTo(width);
        }
    }

    /// <summary>By the rules of axe: names, roles, contrasts, what may stand in what.</summary>
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task No_state_of_the_page_breaks_a_rule_of_accessibility(ColorScheme scheme, int width)
    {
        await using var stage = await Stage.Open(chromium);
        var size = new ViewportSize { Width = width, Height = 740 };
        var alice = await stage.Enter("Alice", size);
        var bob = await stage.Enter("Bob", size);
        foreach (var person in new[] { alice, bob })
        {
            await person.Page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        }

        await KeepsTheRules(alice, "conversations");
        await bob.Button("Call settings").ClickAsync();
        await Person.Sees(bob.Page.GetByRole(AriaRole.Menu));
        await KeepsTheRules(bob, "settings");
        await bob.Page.Keyboard.PressAsync("Escape");
        await alice.Calls("Bob");
        await Person.Sees(bob.Ring);
        await KeepsTheRules(alice, "calling");
        await KeepsTheRules(bob, "ringing");
        await alice.HangsUp();
        await Person.SeesText(bob.Conversation("Alice"), "Missed call");
        await KeepsTheRules(bob, "missed");

        await alice.Button("Call Bob").ClickAsync();
        await bob.Answers();
        await bob.IsInCall();
        await alice.Button("Mute").ClickAsync();
        await alice.Button("Microphone and speaker").ClickAsync();
        await Person.Sees(alice.Page.GetByRole(AriaRole.Menu));
        await KeepsTheRules(alice, "devices");
        await alice.Page.Keyboard.PressAsync("Escape");
        await Person.Sees(bob.Participant("Alice").GetByText("muted"));
        await KeepsTheRules(bob, "in call");

        await stage.Host.Kill();
        await Person.Sees(alice.Page.GetByText("Reconnecting to the call.").Last);
        await Person.Sees(alice.Button("Try now"));
        await KeepsTheRules(alice, "reconnecting");
    }

    [Fact]
    public async Task The_sign_in_breaks_no_rule_of_accessibility()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        await alice.Button("Sign out").ClickAsync();
        await Person.Sees(alice.Button("Dave"));

        await KeepsTheRules(alice, "sign-in");
    }

    [Fact]
    public async Task The_switch_for_the_theme_outdoes_the_system_and_is_remembered()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        await alice.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        (await Ground(alice)).ShouldBe("rgb(243, 245, 247)");

        await alice.Button("Dark theme").ClickAsync();
        (await Ground(alice)).ShouldBe("rgb(15, 18, 22)");
        await alice.Page.ReloadAsync();

        (await Ground(alice)).ShouldBe("rgb(15, 18, 22)");
        await Person.Sees(alice.Button("Light theme"));
    }

    [Fact]
    public async Task A_menu_is_walked_by_arrows_and_left_by_Escape()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");

        await Press(alice, alice.Button("Call settings"));
        await IsFocused(alice, "Ring");
        await alice.Page.Keyboard.PressAsync("ArrowDown");
        await IsFocused(alice, "Quiet");
        await alice.Page.Keyboard.PressAsync("End");
        await IsFocused(alice, "Do not disturb");
        await alice.Page.Keyboard.PressAsync("ArrowDown");
        await IsFocused(alice, "Ring");
        await alice.Page.Keyboard.PressAsync("ArrowUp");
        await alice.Page.Keyboard.PressAsync("Escape");

        await Person.SeesNoMore(alice.Page.GetByRole(AriaRole.Menu));
        await Assertions.Expect(alice.Button("Call settings")).ToBeFocusedAsync();
    }

    private static async Task KeepsTheRules(Person person, string state)
    {
        var result = await person.Page.RunAxe();
        result
            .Violations.SelectMany(rule => rule.Nodes, (rule, node) => $"{state}: {rule.Help}: {node.Html}")
            .ShouldBeEmpty();
    }

    private static async Task<string?> Ground(Person person) =>
        (await person.Evaluate("getComputedStyle(document.body).backgroundColor")).GetString();

    private static async Task IsFocused(Person person, string item) =>
        await Assertions
            .Expect(person.Page.GetByRole(AriaRole.Menuitemradio).Filter(new() { HasText = item }).First)
            .ToBeFocusedAsync();

    private static ILocator Announcer(Person person) => person.Page.Locator("[aria-live=polite].sr");

    /// <summary>Reaches the element by Tab, as one must who has no mouse, sees the focus there, and presses Enter.</summary>
    private static async Task Press(Person person, ILocator target)
    {
        await Person.Sees(target);
        for (var step = 0; step < 60; step++)
        {
            await person.Page.Keyboard.PressAsync("Tab");
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                (await target.EvaluateAsync<string>("element => getComputedStyle(element).outlineStyle")).ShouldNotBe(
                    "none"
                );
                await person.Page.Keyboard.PressAsync("Enter");
                return;
            }
        }

        throw new InvalidOperationException("Tab does not lead there.");
    }
}
