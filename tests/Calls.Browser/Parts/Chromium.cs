using Microsoft.Playwright;

namespace Calls.Browser.Parts;

/// <summary>One Chromium for all tests; each person gets a context of their own in it, as apart as two computers.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Names another executable than Debian's: one that starts it with more arguments, for instance.</summary>
    public const string PathVariable = "CALLS_TEST_CHROMIUM";

    private IPlaywright? playwright;

    public IBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        Browser = await Launch(playwright, Environment.GetEnvironmentVariable(PathVariable) ?? "/usr/bin/chromium");
    }

    /// <summary>Starts one, as all tests have it.</summary>
    /// <param name="playwright">What drives it.</param>
    /// <param name="path">The executable.</param>
    /// <param name="more">Further arguments.</param>
    public static Task<IBrowser> Launch(IPlaywright playwright, string path, params string[] more) =>
        playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = path,
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    // A page whose text a test serves counts as a foreign one to the server on this machine.
                    "--disable-features=LocalNetworkAccessChecks",
                    "--use-fake-device-for-media-stream",
                    "--use-fake-ui-for-media-stream",
                    // A page that has just been reloaded has had no click yet, and its microphone is no real one.
                    "--autoplay-policy=no-user-gesture-required",
                    .. more,
                ],
            }
        );

    public async Task DisposeAsync()
    {
        await Browser.DisposeAsync();
        playwright!.Dispose();
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BrowserTests : ICollectionFixture<Chromium>
{
    /// <summary>Real browsers share two cores: one test after the other.</summary>
    public const string Name = "browsers";
}
