using System.Net;
using System.Net.Sockets;
using Calls.Media.Ice;
using Calls.Media.Sfu;
using Calls.Media.Shell;
using Calls.Media.Stun;
using Calls.Media.Tcp;

namespace Calls.Media.Tests.Shell;

/// <summary>The forwarding thread's side of TCP, on real sockets and the test's thread.</summary>
public sealed class TcpConnectionsTests : IDisposable
{
    private const int PacketLength = 112;

    // Each waits at most 20 ms.
    private const int MaxTurns = 1_000;

    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpQuota _quota = new(10, 10);
    private readonly TcpConnections _connections;
    private readonly ForwardingCore _core = new(
        TimeSpan.FromSeconds(5),
        DateTimeOffset.UnixEpoch,
        new Outbox(_ => { }),
        Random.Shared.NextBytes
    );
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private uint _numbers;

    public TcpConnectionsTests()
    {
        _connections = new TcpConnections(_udp, _quota, new TcpCounters());
        _listener.Start();
    }

    public void Dispose()
    {
        _connections.Dispose();
        _listener.Dispose();
        _udp.Dispose();
    }

    [Fact]
    public void Sending_and_receiving_allocate_nothing()
    {
        using var client = Connect(out var path);
        var packet = new byte[PacketLength];
        packet[0] = 0x80;
        var frame = new byte[2 + PacketLength];
        frame[1] = PacketLength;
        frame[2] = 0x80;
        var come = new byte[1 << 16];
        Exchange(300); // compiled by then

        var before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(3_000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        _connections.Sent.ShouldBe(3_300);
        _connections.Received.ShouldBe(3_300);
        _connections.Dropped.ShouldBe(0);

        void Exchange(int packets)
        {
            for (var i = 0; i < packets; i++)
            {
                var received = _connections.Received;
                client.Send(frame);
                for (var turns = 0; _connections.Received == received; turns++)
                {
                    if (turns > MaxTurns)
                    {
                        throw new TimeoutException("A frame did not come.");
                    }
                    _connections.Now += TimeSpan.FromMilliseconds(20);
                    _connections.Wait();
                    _connections.Receive(_core);
                }
                _connections.Send(path, packet);
                _connections.Flush(_core);
                for (var bytes = 0; bytes < frame.Length; )
                {
                    var count = client.Receive(come);
                    bytes += count > 0 ? count : throw new EndOfStreamException();
                }
            }
        }
    }

    [Fact]
    public void One_that_does_not_read_costs_its_buffer_and_no_time_and_goes_on_where_it_stopped()
    {
        using var client = Connect(out var path);
        var packet = new byte[1_000];
        for (var i = 0; _connections.Dropped < 1_000; i++)
        {
            i.ShouldBeLessThan(100_000); // the kernel's buffers have an end
            _connections.Now = TimeSpan.FromMilliseconds(i);
            packet[0] = 0x80;
            packet[1] = (byte)i;
            _connections.Send(path, packet);
            _connections.Flush(_core);
        }
        var sent = _connections.Sent;

        // Whole frames come out, and no more than went in.
        var bytes = 0L;
        var come = new byte[1 << 16];
        for (var turns = 0; bytes < sent * (packet.Length + 2); turns++)
        {
            turns.ShouldBeLessThan(MaxTurns);
            _connections.Now += TimeSpan.FromMilliseconds(1);
            _connections.Wait();
            _connections.Receive(_core);
            while (client.Poll(5_000, SelectMode.SelectRead)) // microseconds
            {
                bytes += client.Receive(come);
            }
        }
        bytes.ShouldBe(sent * (packet.Length + 2));
        _connections.Send(path, packet);
        _connections.Dropped.ShouldBe(1_000);
    }

    [Fact]
    public void Spare_connections_do_not_make_UDP_wait()
    {
        using var client = Connect(out var path);
        _connections.Now = TimeSpan.FromSeconds(10);
        _connections.Wait().ShouldBeNull(); // UDP is read as if there were no TCP

        var packet = new byte[PacketLength];
        _connections.Send(path, packet); // a check's answer
        _connections.Wait().ShouldBeNull();
        packet[0] = 0x80;
        _connections.Send(path, packet);
        _connections.Wait().ShouldBe(false); // for both: nothing has come by UDP

        _connections.Now += TimeSpan.FromSeconds(2);
        _connections.Wait().ShouldBeNull();
    }

    private Socket Connect(out NetworkPath path)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.ReceiveTimeout = 20_000; // milliseconds
        client.Connect(_listener.LocalEndpoint);
        var accepted = _listener.AcceptSocket();
        var remote = TransportAddress.From((IPEndPoint)accepted.RemoteEndPoint!);
        _quota.TryTake(remote).ShouldBeTrue();
        var socket = new TcpSocket((int)accepted.SafeHandle.DangerousGetHandle());
        accepted.SafeHandle.SetHandleAsInvalid(); // the descriptor is ours from here on
        socket.SetUp();
        path = new NetworkPath(remote, default) { Connection = ++_numbers };
        Serve(path);
        _connections.Add(new TcpConnection(socket, path), _core);
        return client;
    }

    // A connection that serves no session would be closed.
    private void Serve(NetworkPath path)
    {
        var ice = IceCredentials.Create(Random.Shared.NextBytes);
        _core.Apply(
            new AddPeer(new PeerId(_numbers), "s", ice, Muted: false, Deafened: false, new PeerCounters()),
            default
        );
        var buffer = new byte[StunMessage.MaxLength];
        var check = new StunCheck($"{ice.Ufrag}:abcd", 1, IsControlling: true, 1, UseCandidate: true);
        var length = StunWriter.WriteCheck(buffer, new byte[StunMessage.TransactionIdLength], check, ice.Key);
        _core.Handle(buffer.AsSpan(0, length), path, default);
    }
}
