using System.Net.Sockets;
using Calls.Media.Ice;
using Calls.Media.Sfu;
using Calls.Media.Tcp;

namespace Calls.Media.Shell;

/// <summary>The TCP connections of clients, as the forwarding thread sees them: it never waits for one. As long as none carries media, UDP does not notice that they are there.</summary>
internal sealed class TcpConnections : IDisposable
{
    // Browsers keep spare connections beside UDP. They are looked at as seldom as commands are, so that packets do not
    // pay for them; from the first packet of media on a connection wakes the thread, until it has had none for so long.
    private static readonly TimeSpan InUse = TimeSpan.FromSeconds(1);

    private const uint UdpNumber = 0;

    private readonly Dictionary<uint, TcpConnection> _connections = [];
    private readonly List<TcpConnection> _listed = [];
    private readonly List<TcpConnection> _fresh = [];
    private readonly EventQueue _events = new();
    private readonly TcpQuota _quota;
    private readonly TcpCounters _counters;
    private TimeSpan? _mediaAt;
    private TimeSpan _lookedAt;
    private int _ready;

    public TcpConnections(Socket udp, TcpQuota quota, TcpCounters counters)
    {
        (_quota, _counters) = (quota, counters);
        _events.Watch((int)udp.SafeHandle.DangerousGetHandle(), UdpNumber);
    }

    /// <summary>The time of this turn.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>Packets that came.</summary>
    public long Received { get; private set; }

    /// <summary>Bytes of those, with their framing.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>Packets that went out.</summary>
    public long Sent { get; private set; }

    /// <inheritdoc cref="ReceivedBytes"/>
    public long SentBytes { get; private set; }

    /// <summary>Packets that a client did not take in time.</summary>
    public long Dropped { get; private set; }

    /// <summary>Waits for UDP and TCP if TCP is in use, and otherwise looks after TCP now and then.</summary>
    /// <returns>How to read the UDP socket: wait there (null), or whether it has something.</returns>
    public bool? Wait()
    {
        _ready = 0;
        if (_connections.Count == 0)
        {
            return null;
        }
        if (!(Now - _mediaAt < InUse))
        {
            if (Now - _lookedAt >= MediaPort.LongestSleep)
            {
                _lookedAt = Now;
                _ready = _events.Wait(0);
            }
            return null;
        }
        _ready = _events.Wait((int)MediaPort.LongestSleep.TotalMilliseconds);
        for (var i = 0; i < _ready; i++)
        {
            if (_events[i] == UdpNumber)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>One that the door has let in, with its first packets.</summary>
    public void Add(TcpConnection connection, ForwardingCore core)
    {
        _connections.Add(connection.Path.Connection, connection);
        _events.Watch(connection.Socket.Descriptor, connection.Path.Connection);
        _fresh.Add(connection);
        Take(connection, core);
    }

    /// <summary>Lets the core work on what has come.</summary>
    public void Receive(ForwardingCore core)
    {
        for (var i = 0; i < _ready; i++)
        {
            if (_connections.TryGetValue(_events[i], out var connection))
            {
                if (connection.IsBehind)
                {
                    Push(connection);
                }
                Read(connection, core);
            }
        }
    }

    /// <summary>Takes a packet to be sent at the turn's end.</summary>
    public void Send(NetworkPath to, ReadOnlySpan<byte> packet)
    {
        if (!_connections.TryGetValue(to.Connection, out var connection) || !Add(connection, packet))
        {
            Dropped++;
            return;
        }
        Sent++;
        SentBytes += FrameReader.HeaderLength + packet.Length;
        if (IsMedia(packet))
        {
            _mediaAt = Now;
        }
        if (!connection.IsListed)
        {
            connection.IsListed = true;
            _listed.Add(connection);
        }
    }

    /// <summary>Sends as much as the clients take, and closes what turned out to serve no session.</summary>
    public void Flush(ForwardingCore core)
    {
        foreach (var connection in _listed)
        {
            connection.IsListed = false;
            if (!connection.Socket.IsClosed)
            {
                Push(connection);
            }
        }
        _listed.Clear();
        foreach (var connection in _fresh)
        {
            if (!core.Serves(connection.Path))
            {
                Close(connection.Path.Connection);
            }
        }
        _fresh.Clear();
    }

    /// <summary>Its session does not need it any more; one that is closed already is no error.</summary>
    public void Close(uint number)
    {
        if (_connections.TryGetValue(number, out var connection))
        {
            Close(connection, TcpEnd.Session);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Socket.Dispose();
        }
        _events.Dispose();
    }

    // RFC 7983: the first byte of STUN is below 4.
    private static bool IsMedia(ReadOnlySpan<byte> packet) => packet[0] > 3;

    private bool Add(TcpConnection connection, ReadOnlySpan<byte> packet)
    {
        if (connection.Outgoing.TryAdd(packet, Now))
        {
            return true;
        }
        Push(connection); // a turn may have more for one than fits
        return connection.Outgoing.TryAdd(packet, Now);
    }

    // One that is gone is noticed when it is read.
    private void Push(TcpConnection connection)
    {
        var waiting = connection.Outgoing.Waiting;
        if (waiting.Length == 0)
        {
            return;
        }
        var sent = connection.Socket.Send(waiting);
        connection.Outgoing.Sent(Math.Max(0, sent), Now);
        var isBehind = sent < waiting.Length;
        if (isBehind != connection.IsBehind)
        {
            connection.IsBehind = isBehind;
            _events.WatchRoom(connection.Socket.Descriptor, connection.Path.Connection, isBehind);
        }
    }

    private void Read(TcpConnection connection, ForwardingCore core)
    {
        var count = connection.Socket.Receive(connection.Incoming.Free);
        if (count == TcpSocket.Gone)
        {
            core.Lose(connection.Path);
            Close(connection, TcpEnd.Client);
            return;
        }
        ReceivedBytes += count;
        connection.Incoming.Received(count);
        Take(connection, core);
    }

    private void Take(TcpConnection connection, ForwardingCore core)
    {
        while (connection.Incoming.TryTake(out var packet))
        {
            Received++;
            if (IsMedia(packet))
            {
                _mediaAt = Now;
            }
            core.Handle(packet, connection.Path, Now);
        }
        if (connection.Incoming.IsBroken)
        {
            core.Lose(connection.Path);
            Close(connection, TcpEnd.Malformed);
        }
    }

    private void Close(TcpConnection connection, TcpEnd end)
    {
        _counters.Count(end);
        _connections.Remove(connection.Path.Connection);
        _events.Forget(connection.Socket.Descriptor);
        connection.Socket.Dispose();
        _quota.Return(connection.Path.Remote);
    }
}
