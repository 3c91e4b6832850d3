using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Calls.Actors.Cluster;
using Calls.Host.Nodes;
using Calls.TestKit;

namespace Calls.Host.Tests.Nodes;

public sealed class PeerLinesTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _gone = new();
    private readonly PeerLines _lines;
    private readonly int _port = Ports.FreeTcp();
    private readonly TcpListener _peer;

    public PeerLinesTests()
    {
        _peer = new TcpListener(IPAddress.Loopback, _port);
        _lines = new PeerLines("own", (node, its) => _gone.Enqueue($"{node}/{its}"), TimeProvider.System);
    }

    public Task InitializeAsync()
    {
        _peer.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _peer.Stop();
        await _lines.DisposeAsync();
    }

    [Fact]
    public async Task A_process_that_nobody_listens_for_any_more_is_gone()
    {
        _lines.Follow([Node("own"), Node("other")]);
        using (var line = await _peer.AcceptTcpClientAsync())
            _peer.Stop();

        await Eventually.Holds(() => Task.FromResult(!_gone.IsEmpty), () => "it is noticed");
        _gone.ShouldBe(["other/i"]);
    }

    [Fact]
    public async Task A_line_that_breaks_alone_is_made_anew_and_means_nothing()
    {
        _lines.Follow([Node("other")]);
        for (var i = 0; i < 3; i++)
            (await _peer.AcceptTcpClientAsync()).Dispose();
        using var fourth = await _peer.AcceptTcpClientAsync();
        _gone.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_was_never_reached_is_left_to_the_heartbeats()
    {
        _peer.Stop();
        _lines.Follow([Node("other"), Node("elsewhere", "no address")]);
        _peer.Start();
        using var line = await _peer.AcceptTcpClientAsync();
        _gone.ShouldBeEmpty("the first try was refused");
    }

    [Fact]
    public async Task One_that_is_known_to_be_dead_is_not_looked_for_any_more()
    {
        _lines.Follow([Node("other")]);
        var line = await _peer.AcceptTcpClientAsync();
        _lines.Follow([Node("own")]);

        (await line.GetStream().ReadAsync(new byte[1])).ShouldBe(0, "the line was let go");
        line.Dispose();
        _gone.ShouldBeEmpty();
    }

    private NodeRecord Node(string id, string? url = null) =>
        new(id, "i", 1, url ?? $"http://127.0.0.1:{_port}", DateTimeOffset.UnixEpoch, 0, 0, 0);
}
