using Microsoft.Playwright;

namespace Calls.Browser.Client;

/// <summary>A site of some other web app that uses the client library: served from the test's own folder, without a server.</summary>
public static class Site
{
    private const string Url = "http://localhost/";

    /// <summary>An empty page of that site, where the library can be imported as <c>/calls/calls-client.js</c>.</summary>
    public static async Task<IPage> Open(IBrowser browser)
    {
        var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.RouteAsync($"{Url}**", Serve);
        await page.GotoAsync(Url);
        return page;
    }

    /// <summary>Where the files lie that the site serves.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "site");

    private static async Task Serve(IRoute route)
    {
        var path = new Uri(route.Request.Url).AbsolutePath.TrimStart('/');
        if (path.Length == 0)
        {
            await route.FulfillAsync(new() { ContentType = "text/html", Body = "<!doctype html><title>App</title>" });
            return;
        }

        await route.FulfillAsync(new() { ContentType = "text/javascript", Path = Path.Combine(Folder, path) });
    }
}
