using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Calls.TestKit;

/// <summary>
/// A real redis-server on a free port of this machine, with a folder of its own and every acknowledged write on the disk.
/// It can be killed, frozen and brought back.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("calls-redis-");
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(string[] arguments)
    {
        _arguments = arguments;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    public int Port { get; private set; }

    /// <summary>StackExchange.Redis' connection string.</summary>
    public string Connection => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> Start(params string[] arguments)
    {
        var server = new RedisServer(
            arguments.Length > 0 ? arguments : ["--appendonly", "yes", "--appendfsync", "always"]
        );
        server.Port = Ports.FreeTcp();
        await server.Start();
        return server;
    }

    /// <summary>Starts it again on the same port and folder; returns when it answers.</summary>
    public async Task Start()
    {
        string[] own = ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", ""];
        var start = new ProcessStartInfo("redis-server", [.. own, .. _arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("redis-server does not start.");
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        var began = Stopwatch.GetTimestamp();
        while (!await Answers())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(began) > StartDeadline)
                throw new InvalidOperationException("redis-server does not answer.");
            await Task.Delay(10);
        }
    }

    /// <summary>Ends it without a chance to do anything, as kill -9 does.</summary>
    public void Kill()
    {
        if (_process is not { HasExited: false } process)
            return;
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Stops it in its tracks; connections stay open and nothing is answered.</summary>
    public void Freeze() => Signals.Freeze(_process!);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => Signals.Thaw(_process!);

    /// <summary>One command by a connection of its own, for what a test wants to see or break behind the store's back.</summary>
    public async Task<string> Command(params string[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(string.Join(' ', words) + "\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        _process = null;
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<bool> Answers()
    {
        try
        {
            return (await Command("PING")).StartsWith("+PONG", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
