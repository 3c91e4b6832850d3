using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Calls.LoadTest.Run;

/// <summary>A service of the load test's own, from the build, with data that go with it.</summary>
internal sealed class OwnService : IAsyncDisposable
{
    private const int LastLines = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("calls-load-").FullName;
    private readonly Process _process;

    private OwnService()
    {
        Url = new Uri($"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}");
        var start = new ProcessStartInfo("dotnet", [Assembly(), "--urls", Url.AbsoluteUri])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["CALLS__MEDIA__PORT"] = "0";
        start.Environment["CALLS__MEDIA__ADDRESSES"] = "127.0.0.1";
        start.Environment["CALLS__DATA__PATH"] = Path.Combine(_folder, "data");
        start.Environment["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000000";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Url { get; }

    public int ProcessId => _process.Id;

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<OwnService> Start(HttpClient http, CancellationToken stop)
    {
        var service = new OwnService();
        try
        {
            var began = Stopwatch.GetTimestamp();
            while (!await service.IsReady(http))
            {
                if (service._process.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
                    throw new LoadTestException(
                        $"The service from the build does not become ready. It said:\n{string.Join('\n', service._output)}"
                    );
                await Task.Delay(Pause, stop);
            }
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReady(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(Url, "/readyz"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        _output.Enqueue(line ?? "");
        while (_output.Count > LastLines)
            _output.TryDequeue(out _);
    }

    /// <summary>Beside this tool: artifacts/bin/PROJECT/CONFIGURATION.</summary>
    private static string Assembly()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(own.Parent!.Parent!.FullName, "Calls.Host", own.Name, "Calls.Host.dll");
        return File.Exists(path)
            ? path
            : throw new LoadTestException($"There is no {path}: build the service, or name one with --url.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
