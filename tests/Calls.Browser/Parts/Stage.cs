using System.Net;
using Microsoft.Playwright;

namespace Calls.Browser.Parts;

/// <summary>A server and the people at its page, for the length of one test.</summary>
public sealed class Stage : IAsyncDisposable
{
    private readonly IBrowser browser;
    private readonly List<IPage> pages = [];

    private readonly PageTraffic traffic;

    private Stage(IBrowser browser, HostProcess host, PageTraffic traffic)
    {
        this.browser = browser;
        this.traffic = traffic;
        Host = host;
    }

    public HostProcess Host { get; }

    public static async Task<Stage> Open(
        Chromium chromium,
        IReadOnlyDictionary<string, string>? settings = null,
        IPAddress? alsoAt = null
    )
    {
        var host = await HostProcess.Start(settings, alsoAt);
        return new Stage(chromium.Browser, host, await PageTraffic.Of(host.Url));
    }

    public async Task<Person> Enter(string name, ViewportSize? size = null, string script = "")
    {
        var person = await Person.SignIn(browser, Host.Url, name, traffic, size, script);
        Closes(person.Page);
        return person;
    }

    /// <summary>Somebody with a browser of their own, who reaches the server at its other address.</summary>
    public async Task<Person> EnterFrom(IBrowser elsewhere, string name)
    {
        var person = await Person.SignIn(elsewhere, Host.OtherUrl!, name, traffic);
        Closes(person.Page);
        return person;
    }

    /// <summary>A page of the test's own, closed with the rest.</summary>
    public void Closes(IPage page) => pages.Add(page);

    /// <summary>Two in their DM, connected.</summary>
    public async Task<(Person Alice, Person Bob)> TwoInCall()
    {
        var alice = await Enter("Alice");
        var bob = await Enter("Bob");
        await alice.Calls("Bob");
        await bob.Answers();
        await alice.IsInCall();
        await bob.IsInCall();
        return (alice, bob);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var page in pages)
        {
            await page.Context.CloseAsync();
        }

        await Host.DisposeAsync();
        await traffic.ShouldKeepTheContract(Host.Output);
    }
}
