using System.Security.Cryptography;
using Calls.Media.Dtls;
using Calls.Media.Sdp;
using Calls.Media.Sfu;
using Calls.Media.Shell;
using Calls.Media.Tcp;

namespace Calls.Media;

/// <summary>A selective forwarding unit: what each session of a room sends goes to all others of the room, and nothing is decoded or mixed. All methods may be called from any thread and none waits for the network.</summary>
public sealed class MediaServer : IAsyncDisposable
{
    /// <summary>How often the shell looks who speaks: half of what lies between two lists that are told, so that a change waits for a tenth of a second at most.</summary>
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Action<MediaNotice> _report;
    private readonly MediaPort _port;
    private readonly TimeSpan _identityLifetime;
    private readonly Handshakes _handshakes;
    private readonly HandshakeWorker _worker;
    private readonly ForwardingLoop _loop;
    private readonly EventPump _pump;
    private readonly ControlPlane _control;
    private readonly Thread _forwarding;
    private readonly Thread _shaking;
    private readonly Task _pumping;
    private readonly UdpSender _shakingSender;
    private readonly MediaMetrics _metrics;
    private readonly ITimer _watch;
    private readonly KnownSessions _known = new();
    private readonly TcpQuota _quota = new(TcpLimits.MaxConnections, TcpLimits.MaxConnectionsPerAddress);
    private readonly TcpCounters _tcpCounters = new();
    private readonly TcpDoor _door;
    private readonly Thread _accepting;
    private DtlsIdentity _identity;
    private TimeSpan _identityMadeAt;
    private long _failedHandshakes;
    private bool _disposed;

    private MediaServer(MediaOptions options, IMediaEvents events, TimeProvider time, Action<MediaNotice>? report)
    {
        _time = time;
        _started = time.GetTimestamp();
        _report = report ?? (_ => { });
        _identity = new DtlsIdentity(time.GetUtcNow());
        _identityLifetime = options.IdentityLifetime;
        WarmUp.Run(_identity, RandomNumberGenerator.Fill);
        try
        {
            _port = MediaPort.Open(options);
        }
        catch
        {
            _identity.Dispose();
            throw;
        }
        _shakingSender = new UdpSender(_port.Udp);
        _handshakes = new Handshakes(_identity, options.MaxHandshakes, options.HandshakeTimeout);
        _worker = new HandshakeWorker(_handshakes, Now, OnHandshake, _report);
        _loop = new ForwardingLoop(
            _port,
            options,
            time.GetUtcNow(),
            RandomNumberGenerator.Fill,
            Now,
            _quota,
            _tcpCounters,
            OnForwarding,
            _report
        );
        _door = new TcpDoor(
            _port.Tcp,
            _known,
            _quota,
            _tcpCounters,
            Now,
            connection => _loop.Post(new AdmitConnection(connection)),
            _report
        );
        _pump = new EventPump(events, _report);
        _control = new ControlPlane(
            new SdpTransport(_identity.Fingerprint, options.Addresses, options.AnnouncedPort ?? _port.Port),
            RandomNumberGenerator.Fill
        );
        _forwarding = new Thread(_loop.Run) { Name = "media forwarding", IsBackground = true };
        _shaking = new Thread(_worker.Run) { Name = "media handshakes", IsBackground = true };
        _accepting = new Thread(_door.Run) { Name = "media TCP", IsBackground = true };
        _pumping = _pump.RunAsync();
        _metrics = new MediaMetrics(this);
        _watch = time.CreateTimer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The port, of UDP and TCP, also when a free one was asked for.</summary>
    public int Port => _port.Port;

    /// <summary>Sessions that are open.</summary>
    public int SessionCount
    {
        get
        {
            lock (_gate)
            {
                return _control.SessionCount;
            }
        }
    }

    /// <summary>Rooms with a session in them.</summary>
    public int RoomCount
    {
        get
        {
            lock (_gate)
            {
                return _control.RoomCount;
            }
        }
    }

    /// <summary>What has been done since the start.</summary>
    public MediaTotals Totals =>
        new(_loop.Received, _loop.Sent, _loop.SendFailures, Interlocked.Read(ref _failedHandshakes));

    /// <summary>What the metrics show of the data plane.</summary>
    internal ForwardingCounters Forwarded => _loop.Counters;

    internal long ReceivedBytes => _loop.ReceivedBytes;

    internal long SentBytes => _loop.SentBytes + _shakingSender.SentBytes;

    internal long SendFailures => _loop.SendFailures + _shakingSender.Failed;

    internal long TurnedAway => _worker.TurnedAway;

    internal long NotTaken => _loop.NotTaken;

    internal int TcpCount => _quota.Count;

    internal TcpCounters Tcp => _tcpCounters;

    /// <summary>Takes the port and begins.</summary>
    /// <param name="options">Checked first.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="report">Told what an operator may want to read.</param>
    /// <exception cref="MediaPortInUseException">The port is taken.</exception>
    public static MediaServer Start(
        MediaOptions options,
        IMediaEvents events,
        TimeProvider time,
        Action<MediaNotice>? report = null
    )
    {
        options.Validate();
        var server = new MediaServer(options, events, time, report);
        server._forwarding.Start();
        server._shaking.Start();
        server._watch.Change(WatchPeriod, WatchPeriod);
        server._accepting.Start();
        return server;
    }

    /// <summary>Lets a user take part in a room; the offer follows. A user has one session a room: an earlier one is closed, and the others go on hearing the user as if nothing had happened.</summary>
    public void Open(string roomId, string sessionId, string userId, bool muted, bool deafened)
    {
        MediaIds.Require(roomId, sessionId, userId);
        lock (_gate)
        {
            if (!_disposed)
            {
                RenewIdentity();
                _control.Open(roomId, sessionId, userId, muted, deafened);
                Deliver();
            }
        }
    }

    /// <summary>Takes the client's answer to an offer.</summary>
    public AnswerResult Answer(string sessionId, int revision, string sdp)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return new AnswerResult(AnswerOutcome.Stale, "The media server has stopped.");
            }
            var result = _control.Answer(sessionId, revision, sdp);
            Deliver();
            return result;
        }
    }

    /// <summary>Ends a session: nothing is taken from it and nothing sent to it any more. One that is not there is no error.</summary>
    public void Close(string sessionId)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                if (_control.Find(sessionId) is { } session)
                {
                    _metrics.Observe(session);
                }
                _control.Close(sessionId);
                Deliver();
            }
        }
    }

    /// <summary>A muted session is not heard, a deafened one does not hear, whatever the client does.</summary>
    public void SetVoice(string sessionId, bool muted, bool deafened)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _control.SetVoice(sessionId, muted, deafened);
                Deliver();
            }
        }
    }

    /// <summary>The room's sessions are still this server's: what they send is forwarded again after <see cref="IMediaEvents.StoodStill"/>.</summary>
    public void Release(string roomId)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _control.Release(roomId);
                Deliver();
            }
        }
    }

    /// <summary>How a session does, or null when there is none.</summary>
    public SessionStats? Stats(string sessionId)
    {
        lock (_gate)
        {
            return _control.Find(sessionId)?.ToStats(Now());
        }
    }

    /// <summary>How everybody in a room does, by user; empty when there is no such room.</summary>
    public IReadOnlyDictionary<string, SessionStats> RoomStats(string roomId)
    {
        lock (_gate)
        {
            return _control.Stats(roomId, Now());
        }
    }

    /// <summary>Stops at once: what comes after changes nothing any more. What was to be told before is told.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }
            _disposed = true;
        }
        _metrics.Dispose();
        await _watch.DisposeAsync().ConfigureAwait(false);
        // In this order: each posts to the next.
        _door.Stop();
        _accepting.Join();
        _loop.Stop();
        _forwarding.Join();
        _worker.Stop();
        _shaking.Join();
        _pump.Complete();
        await _pumping.ConfigureAwait(false);
        _door.Dispose();
        _loop.Dispose();
        _shakingSender.Dispose();
        _port.Dispose();
        _handshakes.Dispose();
        _worker.Dispose();
        _identity.Dispose();
    }

    private void Watch()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }
            foreach (var session in _control.Sessions)
            {
                _metrics.Observe(session);
            }
            _control.ObserveSpeakers(Now());
            Deliver();
        }
    }

    private TimeSpan Now() => _time.GetElapsedTime(_started);

    // A certificate that is a key for less long is worth less to whoever steals it. Sessions under way know the old one.
    private void RenewIdentity()
    {
        var now = Now();
        if (now - _identityMadeAt < _identityLifetime)
        {
            return;
        }
        var identity = new DtlsIdentity(_time.GetUtcNow());
        _identity = identity;
        _identityMadeAt = now;
        _control.Transport = _control.Transport with { Fingerprint = identity.Fingerprint };
        _worker.Post(them => them.Renew(identity));
    }

    private void Deliver()
    {
        foreach (var output in _control.TakeOutputs())
        {
            switch (output)
            {
                case Forwarding forwarding:
                    _loop.Post(forwarding.Command);
                    Know(forwarding.Command);
                    break;
                case SendOffer send:
                    _pump.Tell(events => events.OfferReady(send.Offer));
                    break;
                case TellSpeakers speakers:
                    _pump.Tell(events => events.SpeakersChanged(speakers.RoomId, speakers.UserIds));
                    break;
                case AwaitHandshake admitted:
                    _worker.Post(them => them.Admit(admitted.Peer));
                    break;
                case ExpectCertificate expect:
                    _worker.Post(them => them.Expect(expect.Peer, expect.Fingerprint));
                    break;
                case ForgetHandshake forget:
                    _worker.Post(them => them.Forget(forget.Peer));
                    break;
            }
        }
    }

    // After the forwarding thread has been told: who is let in is somebody there.
    private void Know(ForwardingCommand command)
    {
        switch (command)
        {
            case AddPeer add:
                _known.Add(add.Id, add.Ice);
                break;
            case RemovePeer remove:
                _known.Remove(remove.Id);
                break;
        }
    }

    private void OnForwarding(ForwardingEvent happened)
    {
        switch (happened)
        {
            case PeerConnected connected:
                _pump.Tell(events => events.SessionConnected(connected.SessionId));
                break;
            case PeerSilent silent:
                _pump.Tell(events => events.SessionSilent(silent.SessionId));
                break;
            case StoodStill:
                _pump.Tell(events => events.StoodStill());
                break;
            case DtlsArrived arrived:
                _worker.Handle(arrived);
                break;
            case KeysInUse inUse:
                _worker.Post(them => them.Finished(inUse.Peer));
                break;
        }
    }

    private void OnHandshake(HandshakeOutput output)
    {
        switch (output)
        {
            case SendDatagram { To.Connection: not 0 } send:
                _loop.Post(new SendFrame(send.To, send.Datagram));
                break;
            case SendDatagram send:
                send.Datagram.CopyTo(_shakingSender.Outbox.Next);
                _shakingSender.Outbox.Commit(send.Datagram.Length, send.To);
                _shakingSender.Outbox.Flush();
                break;
            case HandshakeDone done:
                _metrics.Shook(done.Took, null);
                _loop.Post(new SetKeys(done.Peer, done.Keys));
                break;
            case HandshakeFailed failed:
                _metrics.Shook(failed.Took, failed.Fault);
                Interlocked.Increment(ref _failedHandshakes);
                _report(new MediaNotice($"A DTLS handshake failed: {failed.Reason}."));
                break;
        }
    }
}
