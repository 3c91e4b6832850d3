using System.Text.Json;
using Microsoft.Playwright;

namespace Calls.Browser.Parts;

/// <summary>A person at the page: sees by roles and names, acts by clicking, as one would with a screen reader.</summary>
public sealed class Person : ITab
{
    private readonly PageTraffic traffic;

    private Person(IPage page, string name, PageTraffic traffic)
    {
        Page = page;
        Name = name;
        this.traffic = traffic;
    }

    public IPage Page { get; }

    public string Name { get; }

    public string Id => Name.ToLowerInvariant();

    /// <summary>What the page complained about in its console: nothing, if all is well.</summary>
    public List<string> Complaints { get; } = [];

    public ILocator Header => Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Banner).Or(Page.Locator("header"));

    public ILocator Bar => Page.GetByRole(AriaRole.Region, new() { Name = "Current call" });

    public ILocator Ring => Page.GetByRole(AriaRole.Region, new() { Name = "Incoming call" });

    public ILocator People => Page.GetByRole(AriaRole.List, new() { Name = "Participants" });

    /// <summary>A new browser context with this person's tone for a microphone, signed in by clicking; <paramref name="script"/> runs before the page's own.</summary>
    public static async Task<Person> SignIn(
        IBrowser browser,
        Uri url,
        string name,
        PageTraffic traffic,
        ViewportSize? size = null,
        string script = ""
    )
    {
        var context = await browser.NewContextAsync(
            new() { ViewportSize = size ?? new() { Width = 1280, Height = 800 } }
        );
        context.SetDefaultTimeout((float)Eventually.Deadline.TotalMilliseconds);
        var person = await OpenTab(context, name, traffic);
        if (script.Length > 0)
        {
            await person.Page.AddInitScriptAsync(script);
        }

        await person.Open(url);
        await person.Button(name).ClickAsync();
        await person.SeesOnline();
        return person;
    }

    /// <summary>Another tab of the same browser, with a copy of what this one remembers, at the same address.</summary>
    public async Task<Person> DuplicateTab()
    {
        var memory = await Page.EvaluateAsync<string>("JSON.stringify({ ...sessionStorage })");
        var person = await OpenTab(Page.Context, Name, traffic);
        await person.Page.AddInitScriptAsync($"if (!sessionStorage.length) Object.assign(sessionStorage, {memory})");
        await person.Open(new Uri(Page.Url));
        return person;
    }

    private static async Task<Person> OpenTab(IBrowserContext context, string name, PageTraffic traffic)
    {
        var person = new Person(await context.NewPageAsync(), name, traffic);
        traffic.ListenTo(person.Page);
        person.Page.PageError += (_, error) => person.Complaints.Add(error);
        person.Page.Console += (_, message) =>
        {
            // A request that was refused is the page's to handle, and the browser's to mention.
            var isRefusal = message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal);
            if (message.Type == "error" && !isRefusal)
            {
                person.Complaints.Add(message.Text);
            }
        };
        await person.Page.AddInitScriptAsync(Tones.Script(Tones.Of(person.Id)));
        return person;
    }

    public async Task Open(Uri url) => await Page.GotoAsync(url.AbsoluteUri);

    public async Task<JsonElement> Evaluate(string expression) => await Page.EvaluateAsync<JsonElement>(expression);

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Conversation(string name) =>
        Page.GetByRole(AriaRole.Navigation, new() { Name = "Conversations" })
            .GetByRole(AriaRole.Button)
            .Filter(new() { Has = Page.GetByText(name, new() { Exact = true }) });

    public ILocator Participant(string name) => People.GetByRole(AriaRole.Listitem).Filter(new() { HasText = name });

    public async Task SeesOnline() => await Sees(Page.GetByText("Online", new() { Exact = true }));

    /// <summary>Opens the conversation with the person of this name (or the group of these).</summary>
    public async Task Chooses(string conversation) => await Conversation(conversation).ClickAsync();

    public async Task Calls(string conversation)
    {
        await Chooses(conversation);
        await Button($"Call {conversation}").ClickAsync();
    }

    /// <summary>Joins by the banner.</summary>
    public async Task Answers() => await Ring.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();

    public async Task HangsUp() => await Bar.GetByRole(AriaRole.Button, new() { Name = "Hang up" }).ClickAsync();

    public async Task IsInCall() => await Sees(Bar.GetByText("In call •"));

    public async Task Hears(params Person[] others) =>
        await Tones.AreHeard(this, [.. others.Select(other => other.Id)]);

    public async Task HearsNothingOf(Person other) => await Tones.IsSilent(this, other.Id);

    public static async Task Sees(ILocator what) =>
        await Assertions
            .Expect(what)
            .ToBeVisibleAsync(new() { Timeout = (float)Eventually.Deadline.TotalMilliseconds });

    public static async Task SeesNoMore(ILocator what) =>
        await Assertions.Expect(what).ToBeHiddenAsync(new() { Timeout = (float)Eventually.Deadline.TotalMilliseconds });

    public static async Task SeesText(ILocator where, string text) =>
        await Assertions
            .Expect(where)
            .ToContainTextAsync(text, new() { Timeout = (float)Eventually.Deadline.TotalMilliseconds });
}
