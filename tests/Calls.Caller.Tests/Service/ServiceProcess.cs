using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Calls.Caller.Tests.Service;

/// <summary>The service as an operator runs it: a process of its own, on free ports, with data that is thrown away.</summary>
public sealed class ServiceProcess : IAsyncLifetime
{
    private const string ReadyWords = "Calls is ready on ";
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("calls-caller-");
    private readonly HttpClient _http = new();
    private Process? _process;
    private int _channels;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What it said so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public async Task InitializeAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Executable(), "--urls", "http://127.0.0.1:0" },
            WorkingDirectory = _data.FullName,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["CALLS__DATA__PATH"] = Path.Combine(_data.FullName, "data"),
                ["CALLS__MEDIA__PORT"] = "0",
                ["CALLS__MEDIA__ADDRESSES__0"] = "127.0.0.1",
                ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000",
            },
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"It has ended:\n{Output}"));
        try
        {
            Address = await _ready.Task.WaitAsync(StartDeadline);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The service is not ready within {StartDeadline}:\n{Output}", e);
        }
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _data.Delete(recursive: true);
    }

    /// <summary>Makes a channel of these users, all new to the service, and returns its id.</summary>
    public async Task<string> MakeChannel(params string[] userIds)
    {
        var id = $"channel-{Interlocked.Increment(ref _channels).ToString(CultureInfo.InvariantCulture)}-{userIds[0]}";
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Address, $"/api/admin/dm/{id}"))
        {
            Content = JsonContent.Create(
                new
                {
                    kind = userIds.Length == 2 ? "direct" : "group",
                    members = userIds.Select(u => new
                    {
                        user_id = u,
                        name = u,
                        permissions = (string[])["read", "call"],
                    }),
                }
            ),
        };
        request.Headers.Authorization = new("Bearer", await Token("operator", admin: true));
        using var response = await _http.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return id;
    }

    /// <summary>Signs a user in.</summary>
    public async Task<CallsCaller> Connect(string userId, double? tone = null, string? deviceId = null) =>
        await CallsCaller.Connect(Address, await Token(userId), deviceId, new CallerOptions { Tone = tone });

    public async Task<string> Token(string userId, bool admin = false)
    {
        using var response = await _http.PostAsJsonAsync(
            new Uri(Address, "/dev/token"),
            new
            {
                user_id = userId,
                name = userId,
                admin,
            }
        );
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("token").GetString()!;
    }

    // Beside this test's own output folder, in the same configuration.
    private static string Executable()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, "Calls.Host", here.Name, "Calls.Host.dll");
    }

    private void OnLine(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line?.StartsWith(ReadyWords, StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult(new Uri(line[ReadyWords.Length..].Split(',')[0].Trim()));
        }
    }
}
