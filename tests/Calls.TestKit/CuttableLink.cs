using System.Net;
using System.Net.Sockets;

namespace Calls.TestKit;

/// <summary>A cable between a client and a server on this machine: while it is cut nothing passes, and nobody is told.</summary>
public sealed class CuttableLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly int _to;
    private readonly Task _accepting;
    private TaskCompletionSource _whole = new();

    /// <summary>A cable that is whole.</summary>
    /// <param name="to">The server's port.</param>
    public CuttableLink(int to)
    {
        _to = to;
        _whole.SetResult();
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Where the client connects.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was on the way goes on.</summary>
    public void Mend() => _whole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Mend();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    private async Task Accept()
    {
        var relays = new List<Task>();
        try
        {
            while (true)
                relays.Add(Relay(await _listener.AcceptTcpClientAsync(_closing.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException) { }
        await Task.WhenAll(relays);
    }

    private async Task Relay(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await _whole.Task;
            await far.ConnectAsync(IPAddress.Loopback, _to, _closing.Token);
            await Task.WhenAny(Pass(near.GetStream(), far.GetStream()), Pass(far.GetStream(), near.GetStream()));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException) { }
    }

    private async Task Pass(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _closing.Token) is > 0 and var length)
            {
                await _whole.Task;
                await to.WriteAsync(buffer.AsMemory(0, length), _closing.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException) { }
    }
}
