using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Calls.TestKit;

/// <summary>A real server, started as an operator would: its own process, ports and data folder, with the demo's users.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    /// <summary>How much of the server's output a failed test shows.</summary>
    private const int LastLines = 12;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string _dataPath = Directory.CreateTempSubdirectory("calls-test-").FullName;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly IReadOnlyDictionary<string, string> _settings;
    private Process? _process;

    private HostProcess(IReadOnlyDictionary<string, string> settings, IPAddress? alsoAt)
    {
        _settings = settings;
        Url = new Uri($"http://127.0.0.1:{Ports.FreeTcp()}");
        OtherUrl = alsoAt is null ? null : new Uri($"http://{alsoAt}:{Url.Port}");
    }

    /// <summary>Where the page is.</summary>
    public Uri Url { get; }

    /// <summary>The same at another address, if it was started with one.</summary>
    public Uri? OtherUrl { get; }

    /// <summary>What the server has said so far, over all its lives, a line each.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    /// <summary>The port of all media, as the server has said it.</summary>
    public int MediaPort
    {
        get
        {
            const string Before = "media on UDP and TCP port ";
            var line = _output.Last(line => line.Contains(Before, StringComparison.Ordinal));
            var port = line[(line.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..].Split(';')[0];
            return int.Parse(port, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The process' id, for what a test observes from outside.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The embedded store's folder.</summary>
    public string StorePath => Path.Combine(_dataPath, "data");

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="settings">By environment name, such as <c>CALLS__POLICY__RING_TIMEOUT</c>.</param>
    /// <param name="alsoAt">Another address of this machine than the loopback's, where it is to be reached too.</param>
    public static async Task<HostProcess> Start(
        IReadOnlyDictionary<string, string>? settings = null,
        IPAddress? alsoAt = null
    )
    {
        var host = new HostProcess(settings ?? new Dictionary<string, string>(), alsoAt);
        await host.Launch();
        return host;
    }

    /// <summary>Kills the server as a power cut would (SIGKILL) and starts it again with the same data and address.</summary>
    public async Task KillAndRestart()
    {
        await Kill();
        await Launch();
    }

    /// <summary>Kills the server and leaves it dead.</summary>
    public async Task Kill()
    {
        if (_process is null)
        {
            return;
        }

        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stops the server in its tracks; its connections stay open and nothing is answered.</summary>
    public void Freeze() => Signals.Freeze(_process!);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => Signals.Thaw(_process!);

    /// <summary>Asks the server to end (SIGTERM) and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> Terminate()
    {
        Signals.Terminate(_process!);
        return Ends();
    }

    /// <summary>Waits until the server has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Ends()
    {
        await _process!.WaitForExitAsync();
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>Starts the server (again), with the same data and address.</summary>
    public async Task Launch()
    {
        var urls = OtherUrl is null ? Url.AbsoluteUri : $"{Url.AbsoluteUri};{OtherUrl.AbsoluteUri}";
        var start = new ProcessStartInfo("dotnet", [Assembly(), "--urls", urls])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _dataPath,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        // Most servers of tests live for seconds: quick to start is worth more to them than quick code.
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["CALLS__MEDIA__PORT"] = "0";
        start.Environment["CALLS__MEDIA__ADDRESSES"] = "127.0.0.1";
        start.Environment["CALLS__DATA__PATH"] = StorePath;
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.Holds(IsReady, () => $"The server at {Url} becomes ready. It said:\n{LastWords()}");
    }

    /// <summary>A token as <c>POST /dev/token</c> gives it; <paramref name="ttl"/> in seconds.</summary>
    public async Task<string> Token(string userId, bool admin = false, string? name = null, double? ttl = null)
    {
        var asked = new
        {
            user_id = userId,
            name,
            admin,
            ttl_secs = ttl,
        };
        using var response = await Http.PostAsJsonAsync(new Uri(Url, "/dev/token"), asked);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        Directory.Delete(_dataPath, recursive: true);
    }

    private async Task<bool> IsReady()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"The server ended by itself. It said:\n{LastWords()}");
        }

        try
        {
            using var answer = await Http.GetAsync(new Uri(Url, "/readyz"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            // Not there yet, or too busy with its start to answer in time.
            return false;
        }
    }

    private string LastWords() => string.Join('\n', _output.TakeLast(LastLines));

    /// <summary>Beside this test's own output: artifacts/bin/PROJECT/CONFIGURATION.</summary>
    private static string Assembly()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = own.Name;
        return Path.Combine(own.Parent!.Parent!.FullName, "Calls.Host", configuration, "Calls.Host.dll");
    }
}
