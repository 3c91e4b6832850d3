using System.Text.Json;
using Calls.Browser.Parts;

namespace Calls.Browser;

/// <summary>Two kinds of browser in one call (M1).</summary>
[Collection(BrowserTests.Name)]
public sealed class FirefoxTests(Chromium chromium)
{
    [Fact]
    public async Task Chromium_and_Firefox_hear_each_other_whoever_calls()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        await using var firefox = await Firefox.Start(Tones.Of("bob"));
        await firefox.Open(stage.Host.Url);
        await Click(firefox, "Bob");
        await Sees(firefox, "Online");

        await alice.Calls("Bob");
        await Click(firefox, "Join");
        await alice.IsInCall();
        await Tones.AreHeard(firefox, "alice");
        await Tones.AreHeard(alice, "bob");
        await Click(firefox, "Mute");
        await Tones.IsSilent(alice, "bob");
        await Click(firefox, "Hang up");
        await Person.SeesNoMore(alice.Bar);

        await Click(firefox, "Call Alice");
        await alice.Answers();
        await Tones.AreHeard(firefox, "alice");
        await Tones.AreHeard(alice, "bob");
    }

    /// <summary>Clicks the button of this name as soon as it is there.</summary>
    private static Task Click(Firefox firefox, string name) =>
        Eventually.Holds(
            async () => (await firefox.Evaluate(Script(name))).ValueKind == JsonValueKind.True,
            () => $"Firefox shows the button {name}"
        );

    private static string Script(string name) =>
        $$"""
            (() => {
              const nameOf = (button) => (button.getAttribute('aria-label') ?? [...button.children].filter((part) => !part.ariaHidden).map((part) => part.textContent).join('')).trim();
              const button = [...document.querySelectorAll('button')].find((each) => nameOf(each) === '{{name}}' && each.checkVisibility());
              button?.click();
              return button !== undefined;
            })()
            """;

    private static Task Sees(Firefox firefox, string text) =>
        Eventually.Holds(
            async () =>
                (await firefox.Evaluate($"document.body.innerText.includes('{text}')")).ValueKind == JsonValueKind.True,
            () => $"Firefox shows {text}"
        );
}
