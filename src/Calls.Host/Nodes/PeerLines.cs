using System.Net.Sockets;
using Calls.Actors.Cluster;

namespace Calls.Host.Nodes;

/// <summary>
/// An idle TCP connection to each other node's <c>calls.node.url</c>, which carries nothing: when it breaks and nobody
/// listens there any more, the process is gone, and that is known within milliseconds instead of the heartbeats' seconds.
/// A node that was never reached is left to the heartbeats; so is one that is frozen, for its kernel goes on accepting.
/// </summary>
/// <param name="own">This node's id.</param>
/// <param name="gone">Told which process is gone: the node's id and its incarnation.</param>
/// <param name="time">The clock.</param>
internal sealed class PeerLines(string own, Action<string, string> gone, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long a connection may take to be made.</summary>
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(1);

    /// <summary>How soon one is tried for again that could not be made.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Node, string Incarnation), (CancellationTokenSource Cut, Task Held)> _lines =
    [];

    /// <summary>Holds a line to each of these and to nobody else; called by one thread at a time.</summary>
    public void Follow(IReadOnlyCollection<NodeRecord> alive)
    {
        foreach (var node in alive)
        {
            var name = (node.Node, node.Incarnation);
            if (node.Node == own || _lines.ContainsKey(name) || !Uri.TryCreate(node.Url, UriKind.Absolute, out var url))
                continue;
            var cut = new CancellationTokenSource();
            _lines[name] = (cut, Hold(name, url, cut.Token));
        }
        foreach (var name in _lines.Keys.Except(alive.Select(n => (n.Node, n.Incarnation))).ToArray())
        {
            _lines.Remove(name, out var line);
            line.Cut.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (cut, held) in _lines.Values)
        {
            await cut.CancelAsync();
            await held;
        }
    }

    private async Task Hold((string Node, string Incarnation) name, Uri url, CancellationToken cut)
    {
        var wasThere = false;
        while (!cut.IsCancellationRequested)
        {
            try
            {
                using var line = new TcpClient();
                await line.ConnectAsync(url.Host, url.Port, cut).AsTask().WaitAsync(ConnectDeadline, time, cut);
                wasThere = true;
                await Broken(line, cut);
                continue; // at once: is it only the line, or the process?
            }
            catch (SocketException e) when (wasThere && e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                gone(name.Node, name.Incarnation);
                return;
            }
            catch (Exception e) when (e is SocketException or TimeoutException or OperationCanceledException) { }
            await Task.Delay(Retry, time, cut).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Ends when the line does; a server closes one by itself that says nothing for some minutes.</summary>
    private static async Task Broken(TcpClient line, CancellationToken cut)
    {
        try
        {
            await line.GetStream().ReadExactlyAsync(new byte[1], cut);
        }
        catch (IOException) { }
    }
}
