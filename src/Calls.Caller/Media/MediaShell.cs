using System.Net;
using System.Net.Sockets;
using Calls.Caller.Sdp;
using Calls.Media.Dtls;
using Calls.Media.Srtp;

namespace Calls.Caller.Media;

/// <summary>The shell of a media session: its socket, its timer, and the lock that makes one of all threads.</summary>
internal sealed class MediaLoop : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly long _origin;
    private readonly Action _news;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stop = new();
    private Socket _socket;
    private Task _receiving;
    private bool _disposed;

    public MediaLoop(
        string sessionId,
        string cname,
        AddressFamily family,
        CallerOptions options,
        DtlsIdentity identity,
        Action news
    )
    {
        _clock = options.Clock;
        _origin = _clock.GetTimestamp();
        _news = news;
        Session = new MediaSession(sessionId, cname, options, identity, Send);
        Session.Say(options.Tone);
        _timer = _clock.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _socket = Open(family);
        _receiving = Receive(_socket);
    }

    /// <summary>The session; only to be touched within <see cref="Read{T}"/>.</summary>
    private MediaSession Session { get; }

    public string SessionId => Session.SessionId;

    /// <summary>Looks at the session, or tells it something.</summary>
    public T Read<T>(Func<MediaSession, TimeSpan, T> look)
    {
        lock (_lock)
        {
            return look(Session, Now);
        }
    }

    public string Answer(SessionOffer offer, IReadOnlyList<OfferedTrack> tracks, int revision)
    {
        lock (_lock)
        {
            var answer = Session.Answer(offer, tracks, revision, Now);
            Settle();
            return answer;
        }
    }

    /// <summary>Goes on from another local port, as after a change of networks.</summary>
    public void Rebind()
    {
        lock (_lock)
        {
            var family = _socket.AddressFamily;
            _socket.Dispose();
            _socket = Open(family);
            _receiving = Task.WhenAll(_receiving, Receive(_socket));
            Session.Renew(Now);
            Session.Advance(Now);
            Settle();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            Session.Close();
            _disposed = true;
            _socket.Dispose();
        }

        await _stop.CancelAsync();
        await _timer.DisposeAsync();
        await _receiving;
        Session.Dispose();
        _stop.Dispose();
    }

    private TimeSpan Now => _clock.GetElapsedTime(_origin);

    private static Socket Open(AddressFamily family)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
        return socket;
    }

    private async Task Receive(Socket socket)
    {
        var buffer = new byte[SrtpLimits.MaxPacketLength];
        var anywhere = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any,
            0
        );
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anywhere, _stop.Token);
                Handle(buffer.AsSpan(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP message about an earlier datagram, or one too long: the next one may be better.
            }
        }
    }

    private void Handle(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                Session.Handle(datagram, from, Now);
                Settle();
            }
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                Session.Advance(Now);
                Settle();
            }
        }
    }

    private void Settle()
    {
        var now = Now;
        var pause = Session.NextDeadline(now + Idle) - now;
        _timer.Change(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        if (Session.HasNews)
        {
            Session.HasNews = false;
            _news();
        }
    }

    private void Send(ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, to);
        }
        catch (SocketException)
        {
            // As if the network had lost it: whatever matters is sent again.
        }
    }
}
