using Calls.Browser.Parts;
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
        foreach (var name in new[] { "Mute", "Microphone and speaker", "Deafen", "Hang up" })
        {
            var box = await alice.Button(name).BoundingBoxAsync();
            box.ShouldNotBeNull();
            box.X.ShouldBeGreaterThanOrEqualTo(0);
            (box.X + box.Width).ShouldBeLessThanOrEqualTo(width);
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Words_stand_out_from_their_ground(ColorScheme scheme)
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        await alice.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await alice.Calls("Bob");
        await Person.SeesText(alice.Bar, "Calling…");

        var faint = await alice.Evaluate(Contrast);

        faint.GetArrayLength().ShouldBe(0, faint.ToString());
    }

    /// <summary>Text with a contrast below 4.5 (WCAG 2.2, 1.4.3), against the nearest opaque ground.</summary>
    private const string Contrast = """
        (() => {
          const rgb = (color) => color.match(/[\d.]+/g).map(Number);
          const light = (color) => {
            const [r, g, b] = rgb(color).map((value) => {
              const part = value / 255;
              return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ground = (element) => {
            for (let up = element; up; up = up.parentElement) {
              const color = getComputedStyle(up).backgroundColor;
              if (color.startsWith('rgb(')) return color;
            }
            return 'rgb(255, 255, 255)';
          };
          return [...document.querySelectorAll('#app *')]
            .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .filter((element) => !element.closest('.away, .sr'))
            .map((element) => {
              const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
              return { text: element.textContent, contrast: (a + 0.05) / (b + 0.05) };
            })
            .filter(({ contrast }) => contrast < 4.5);
        })()
        """;

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
