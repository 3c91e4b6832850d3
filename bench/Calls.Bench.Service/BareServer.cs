using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Bench.Service;

/// <summary>
/// The least that a ring can cost: the same web server takes a message over a WebSocket, appends one event to the same
/// journal, and tells the others of the group, or the sender where there are none. Nothing is parsed, looked up or decided.
/// </summary>
internal sealed class BareServer : IAsyncDisposable
{
    public const string Verb = "bare-server";

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private BareServer(Process process, DirectoryInfo folder, Uri address) =>
        (_process, _folder, Address) = (process, folder, address);

    public Uri Address { get; }

    /// <summary>Starts it as a process of its own, as the service is one.</summary>
    public static async Task<BareServer> Start()
    {
        var folder = Directory.CreateTempSubdirectory("calls-bare-");
        var port = FreePort();
        var own = Path.Combine(AppContext.BaseDirectory, "Calls.Bench.Service.dll");
        var start = new ProcessStartInfo("dotnet", [own, Verb, folder.FullName, $"{port}"]) { UseShellExecute = false };
        var server = new BareServer(Process.Start(start)!, folder, new Uri($"ws://127.0.0.1:{port}/ws"));
        await Eventually.Holds(server.Answers, () => "the bare server answers");
        return server;
    }

    /// <summary>The server itself.</summary>
    public static async Task Run(string folder, int port)
    {
        await using var store = EmbeddedStore.Open(
            new EmbeddedOptions { Path = folder },
            TimeProvider.System,
            new Random(),
            NullLogger.Instance
        );
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
        var app = builder.Build();
        app.UseWebSockets();
        var groups = new ConcurrentDictionary<string, List<WebSocket>>();
        var made = 0;
        app.Map(
            "/ws",
            async (HttpContext context) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                var group = groups.GetOrAdd(context.Request.Query["group"].ToString(), _ => []);
                lock (group)
                    group.Add(socket);
                var buffer = new byte[4096];
                while ((await socket.ReceiveAsync(buffer.AsMemory(), default)).MessageType == WebSocketMessageType.Text)
                {
                    await store.Append(Event(Interlocked.Increment(ref made)));
                    WebSocket[] others;
                    lock (group)
                        others = group.Count == 1 ? [socket] : [.. group.Where(other => other != socket)];
                    foreach (var other in others)
                        await other.SendAsync(Told, WebSocketMessageType.Text, endOfMessage: true, default);
                }
            }
        );
        await app.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>As long as the service's own event.</summary>
    private static readonly byte[] Told = Encoding.UTF8.GetBytes(
        """{"type":"incoming_call","channel_id":"ring-2-0","call_id":"d39b32e16d4c78f329b38d93e12105f3","version":1,"initiator":"ring-2-0-0","initiator_name":"ring-2-0-0","media":"audio","started_at":"2026-01-01T00:00:00.000Z","expires_at":"2026-01-01T00:01:30.000Z","silent":false}"""
    );

    private static AppendRequest Event(int number) =>
        new()
        {
            Channel = new ChannelId($"channel-{number % 16}"),
            Call = new CallId($"call-{number}"),
            Home = "bare",
            ExpectedVersion = 0,
            Entries = [new JournalEntry(1, $"t{number}", Told)],
            Closes = true,
        };

    private async Task<bool> Answers()
    {
        try
        {
            await using var line = await Line.Open(Address);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
