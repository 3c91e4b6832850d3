using System.Net;
using System.Net.Sockets;
using Calls.Caller.Loop;
using Calls.Caller.Sdp;

namespace Calls.Caller.Media;

/// <summary>The shell of a media session: its socket, which the loop looks after, and the lock between the loop and whoever asks.</summary>
internal sealed unsafe class MediaShell : IDisposable
{
    private const int ReceiveBufferBytes = 1 << 18; // a second of a call of 25: a late reader is to be seen as lag, not as loss

    private readonly Lock _lock = new();
    private readonly CallerLoop _loop;
    private readonly Action _news;
    private readonly MediaSession _session;
    private readonly BadNetwork _network;
    private Socket _socket;
    private IPEndPoint? _lastTo;
    private byte[] _lastAddress = [];
    private bool _disposed;

    public MediaShell(string sessionId, string name, AddressFamily family, CallerOptions options, Action news)
    {
        _loop = options.Loop ?? CallerLoop.Shared;
        _news = news;
        _network = new BadNetwork(options);
        _session = new MediaSession(sessionId, name, options, _loop.IdentityFor(options), Send, _loop.Tally);
        _socket = Open(family);
    }

    public string SessionId => _session.SessionId;

    /// <summary>What the loop knows its sockets by.</summary>
    public List<long> Numbers { get; } = [];

    /// <summary>When the loop will come by; the loop's own.</summary>
    public TimeSpan ScheduledAt { get; set; } = TimeSpan.MaxValue;

    public TimeSpan NextDeadline
    {
        get
        {
            lock (_lock)
            {
                return _disposed ? TimeSpan.MaxValue : _session.NextDeadline;
            }
        }
    }

    /// <summary>Looks at the session, or tells it something; not after the end.</summary>
    public T? Read<T>(Func<MediaSession, TimeSpan, T> look)
    {
        lock (_lock)
        {
            return look(_session, CallerLoop.Now);
        }
    }

    /// <summary>The same, where what is told makes something due.</summary>
    public void Tell(Action<MediaSession, TimeSpan> what)
    {
        lock (_lock)
        {
            what(_session, CallerLoop.Now);
        }

        _loop.Wake(this);
    }

    public string Answer(SessionOffer offer, IReadOnlyList<OfferedTrack> tracks, int revision)
    {
        string answer;
        lock (_lock)
        {
            answer = _session.Answer(offer, tracks, revision, CallerLoop.Now);
            TellNews();
        }

        _loop.Wake(this);
        return answer;
    }

    /// <summary>Goes on from another local port, as after a change of networks.</summary>
    public void Rebind()
    {
        lock (_lock)
        {
            var family = _socket.AddressFamily;
            _socket.Dispose();
            _socket = Open(family);
            _session.Renew(CallerLoop.Now);
        }

        _loop.Wake(this);
    }

    /// <summary>Takes what is in the socket; on the loop's thread, as the next.</summary>
    public void Receive(ReceiveBatch batch)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            var count = batch.Receive(_socket);
            var (now, wall) = (CallerLoop.Now, DateTime.UtcNow);
            for (var i = 0; i < count; i++)
            {
                var waited = batch.Waited(i, wall);
                _loop.Tally.Lag.Add(waited);
                Handle(batch.Datagram(i), batch, i, now - waited, now);
            }

            _loop.Tally.Arrived += count;
            TellNews();
        }
    }

    /// <summary>Does what is due.</summary>
    public void Advance()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _session.Advance(CallerLoop.Now);
                TellNews();
            }
        }
    }

    /// <summary>Ends it.</summary>
    /// <param name="silently">Without the good-bye, as a dead battery does.</param>
    public void End(bool silently)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (!silently)
            {
                _session.Close();
            }

            _disposed = true;
            _loop.Forget(this);
            _socket.Dispose();
            _session.Dispose();
        }
    }

    public void Dispose() => End(silently: false);

    private Socket Open(AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
        socket.ReceiveBufferSize = ReceiveBufferBytes;
        ReceiveBatch.AskForTimes(socket);
        _loop.Attach(this, socket);
        return socket;
    }

    private void Handle(Span<byte> datagram, ReceiveBatch batch, int index, TimeSpan arrived, TimeSpan now)
    {
        if (datagram.IsEmpty || _network.LosesIncoming())
        {
            return;
        }

        // Only connectivity checks care where they come from (first byte 0 to 3, RFC 7983).
        var from = datagram[0] <= 3 ? batch.From(index, _socket.AddressFamily) : null;
        _session.Handle(datagram, from, arrived, now);
    }

    private void TellNews()
    {
        if (_session.HasNews)
        {
            _session.HasNews = false;
            _news();
        }
    }

    private void Send(ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        if (_network.LosesOutgoing())
        {
            return;
        }

        if (!ReferenceEquals(to, _lastTo))
        {
            var address = to.Serialize();
            _lastAddress = address.Buffer[..address.Size].ToArray();
            _lastTo = to;
        }

        fixed (byte* bytes = datagram)
        fixed (byte* address = _lastAddress)
        {
            var sent = SystemCalls.sendto(
                _socket.SafeHandle,
                bytes,
                (nuint)datagram.Length,
                SystemCalls.DoNotWait,
                address,
                (uint)_lastAddress.Length
            );
            if (sent < 0)
            {
                _loop.Tally.NotSent++; // as if the network had lost it: whatever matters is sent again
            }
            else
            {
                _loop.Tally.Sent++;
            }
        }
    }
}
