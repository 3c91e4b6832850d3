using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Calls.Browser.Parts;

/// <summary>A NAT between clients and the server: the server is reached by its address and port, and each client has a port of its own towards the server.</summary>
public sealed class UdpNat : IAsyncDisposable
{
    private const int LongestDatagram = 2_048;

    private readonly ConcurrentDictionary<IPEndPoint, Socket> inside = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Socket outside = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task passing;

    public UdpNat(IPAddress address)
    {
        outside.Bind(new IPEndPoint(address, 0));
        passing = PassIn();
    }

    /// <summary>Where clients send to, at the NAT's address.</summary>
    public int Port => ((IPEndPoint)outside.LocalEndPoint!).Port;

    /// <summary>Where it goes; until this is set nothing passes.</summary>
    public IPEndPoint? Server { get; set; }

    /// <summary>Clients that have a port just now.</summary>
    public int Clients => inside.Count;

    /// <summary>From here on each client has another port, of which neither side is told.</summary>
    public void Forget()
    {
        foreach (var client in inside.Keys)
        {
            if (inside.TryRemove(client, out var socket))
            {
                socket.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await passing;
        Forget();
        outside.Dispose();
        closing.Dispose();
    }

    private async Task PassIn()
    {
        var buffer = new byte[LongestDatagram];
        try
        {
            while (true)
            {
                var any = new IPEndPoint(IPAddress.Any, 0);
                var came = await outside.ReceiveFromAsync(buffer, any, closing.Token);
                if (Server is { } server)
                {
                    var socket = inside.GetOrAdd((IPEndPoint)came.RemoteEndPoint, client => Open(client, server));
                    await socket.SendAsync(buffer.AsMemory(0, came.ReceivedBytes));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // closed
        }
    }

    private Socket Open(IPEndPoint client, IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(server);
        _ = PassOut(socket, client);
        return socket;
    }

    private async Task PassOut(Socket socket, IPEndPoint client)
    {
        var buffer = new byte[LongestDatagram];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer.AsMemory());
                await outside.SendToAsync(buffer.AsMemory(0, length), client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // forgotten
        }
    }
}
