using Calls.Browser.Parts;
using Microsoft.Playwright;

namespace Calls.Browser.Client;

/// <summary>The example in docs/client-library.md works as it stands there (U7).</summary>
[Collection(BrowserTests.Name)]
public sealed class ExampleTests(Chromium chromium)
{
    [Fact]
    public async Task The_documented_example_calls_and_hangs_up()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await Open(stage, "alice");
        var bob = await Open(stage, "bob");

        await alice.GetByRole(AriaRole.Button, new() { Name = "Call" }).ClickAsync();
        await Status(alice, "outgoing ringing");
        await Status(bob, "incoming ringing");
        await bob.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        await Status(alice, "connected");
        await Status(bob, "connected");
        await Person.SeesText(alice.GetByRole(AriaRole.List), "Bob");
        await alice.GetByRole(AriaRole.Button, new() { Name = "Hang up" }).ClickAsync();
        await Status(bob, "ended");
        await Status(bob, "idle");

        await bob.GetByRole(AriaRole.Button, new() { Name = "Call" }).ClickAsync();
        await alice.GetByRole(AriaRole.Button, new() { Name = "Decline" }).ClickAsync();
        await Status(bob, "ended");
    }

    private async Task<IPage> Open(Stage stage, string user)
    {
        var page = await chromium.Browser.NewPageAsync();
        stage.Closes(page);
        page.SetDefaultTimeout((float)Eventually.Deadline.TotalMilliseconds);
        await page.AddInitScriptAsync(Tones.Script(Tones.Of(user)));
        foreach (var (kind, type) in new[] { ("html", "text/html; charset=utf-8"), ("js", "text/javascript") })
        {
            await page.RouteAsync(
                $"**/example.{kind}*",
                route => route.FulfillAsync(new() { ContentType = type, Body = Example(kind) })
            );
        }

        await page.GotoAsync(new Uri(stage.Host.Url, $"/example.html?user={user}").AbsoluteUri);
        await Status(page, "idle");
        return page;
    }

    private static Task Status(IPage page, string words) => Person.SeesText(page.GetByRole(AriaRole.Status), words);

    /// <summary>The document's one block of code of this kind.</summary>
    private static string Example(string kind)
    {
        var document = File.ReadAllText(Path.Combine(Site.Folder, "client-library.md"));
        var blocks = document.Split($"```{kind}\n");
        blocks.Length.ShouldBe(2, $"there is one example in {kind}");
        return blocks[1].Split("```")[0];
    }
}
