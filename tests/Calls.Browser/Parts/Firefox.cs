using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Browser.Parts;

/// <summary>Debian's Firefox with one tab, driven over WebDriver BiDi: Playwright drives only builds of its own.</summary>
public sealed class Firefox : ITab, IAsyncDisposable
{
    /// <summary>
    /// What a person would click away or allow once, and what a call on one machine needs. Only a page that may use the
    /// microphone is given the loopback address (RFC 8828), so that permission is more than convenience.
    /// </summary>
    private const string Preferences = """
        user_pref("permissions.default.microphone", 1);
        user_pref("media.navigator.streams.fake", true);
        user_pref("media.autoplay.default", 0);
        user_pref("media.autoplay.blocking_policy", 0);
        user_pref("media.peerconnection.ice.loopback", true);
        user_pref("media.peerconnection.ice.obfuscate_host_addresses", false);
        user_pref("browser.shell.checkDefaultBrowser", false);
        user_pref("browser.aboutwelcome.enabled", false);
        user_pref("datareporting.policy.dataSubmissionEnabled", false);
        user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
        user_pref("app.update.enabled", false);
        user_pref("network.captive-portal-service.enabled", false);
        user_pref("network.connectivity-service.enabled", false);
        user_pref("remote.active-protocols", 1);
        """;

    private readonly DirectoryInfo profile;
    private readonly Process process;
    private BiDi? bidi;
    private string context = "";

    private Firefox(DirectoryInfo profile, Process process)
    {
        this.profile = profile;
        this.process = process;
    }

    /// <summary>Starts Firefox with a tone for a microphone.</summary>
    public static async Task<Firefox> Start(int toneHz)
    {
        var folder = Directory.CreateTempSubdirectory("calls-firefox-");
        var tone = string.Create(
            CultureInfo.InvariantCulture,
            $"\nuser_pref(\"media.navigator.audio.fake_frequency\", {toneHz});"
        );
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "user.js"), Preferences + tone);
        var start = new ProcessStartInfo(
            "firefox-esr",
            ["--headless", "--no-remote", "--profile", folder.FullName, "--remote-debugging-port", "0"]
        )
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var firefox = new Firefox(folder, Process.Start(start)!);
        try
        {
            await firefox.Begin(Tones.Script(hz: null));
            return firefox;
        }
        catch
        {
            await firefox.DisposeAsync();
            throw;
        }
    }

    private async Task Begin(string preload)
    {
        bidi = await BiDi.Connect(await Address());
        await bidi.Send("session.new", new JsonObject { ["capabilities"] = new JsonObject() });
        await bidi.Send(
            "script.addPreloadScript",
            new JsonObject { ["functionDeclaration"] = $"() => {{ {preload} }}" }
        );
        var tree = await bidi.Send("browsingContext.getTree", []);
        context = tree.GetProperty("contexts")[0].GetProperty("context").GetString()!;
    }

    public Task Open(Uri url) =>
        bidi!.Send(
            "browsingContext.navigate",
            new JsonObject
            {
                ["context"] = context,
                ["url"] = url.AbsoluteUri,
                ["wait"] = "complete",
            }
        );

    /// <summary>The value goes through JSON in the page, so that it comes back as the other browser gives it.</summary>
    public async Task<JsonElement> Evaluate(string expression)
    {
        var result = await bidi!.Send(
            "script.evaluate",
            new JsonObject
            {
                ["expression"] = $"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
                ["target"] = new JsonObject { ["context"] = context },
                ["awaitPromise"] = true,
            }
        );
        if (result.GetProperty("type").GetString() != "success")
        {
            throw new InvalidOperationException(
                $"{expression}: {result.GetProperty("exceptionDetails").GetProperty("text")}"
            );
        }

        return JsonDocument.Parse(result.GetProperty("result").GetProperty("value").GetString()!).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        if (bidi is not null)
        {
            await bidi.DisposeAsync();
        }

        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        profile.Delete(recursive: true);
    }

    /// <summary>Firefox says on its error output where it listens; both outputs are read to the end, as a full pipe would stop it.</summary>
    private async Task<Uri> Address()
    {
        const string announcement = "WebDriver BiDi listening on ";
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(announcement, StringComparison.Ordinal) == true)
            {
                address.TrySetResult(new Uri(line.Data[announcement.Length..] + "/session"));
            }
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return await address.Task.WaitAsync(Eventually.Deadline);
    }
}
