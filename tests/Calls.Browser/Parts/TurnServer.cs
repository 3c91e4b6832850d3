using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Calls.Browser.Parts;

/// <summary>Debian's coturn on this machine, which makes credentials of the same secret as the service.</summary>
public sealed class TurnServer : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly Process process;

    private TurnServer(DirectoryInfo folder, Process process, int port)
    {
        (this.folder, this.process, Port) = (folder, process, port);
    }

    public int Port { get; }

    public static async Task<TurnServer> Start(string secret)
    {
        var home = Directory.CreateTempSubdirectory("calls-turn-");
        var port = Ports.FreeTcp();
        string[] arguments =
        [
            "-n", // no configuration file
            "--listening-ip=127.0.0.1",
            "--relay-ip=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"--listening-port={port}"),
            "--realm=calls.test",
            "--use-auth-secret",
            $"--static-auth-secret={secret}",
            "--allow-loopback-peers", // the service is on this machine too
            "--no-tls",
            "--no-dtls",
            "--no-cli",
            $"--userdb={Path.Combine(home.FullName, "turndb")}",
            $"--pidfile={Path.Combine(home.FullName, "pid")}",
            $"--log-file={Path.Combine(home.FullName, "log")}",
            "--simple-log",
            "--verbose",
        ];
        var started = Process.Start(
            new ProcessStartInfo("turnserver", arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        started.OutputDataReceived += (_, _) => { };
        started.ErrorDataReceived += (_, _) => { };
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        var server = new TurnServer(home, started, port);
        await Eventually.Holds(server.Listens, () => $"coturn listens on {port}: {server.Log}");
        return server;
    }

    /// <summary>What it has logged.</summary>
    public string Log => string.Concat(folder.GetFiles("log*").Select(file => File.ReadAllText(file.FullName)));

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task<bool> Listens()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
