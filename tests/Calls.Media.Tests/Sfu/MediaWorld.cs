using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Sdp;
using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

/// <summary>A whole media server in virtual time: the parts that <see cref="MediaServer"/> puts on threads, on one network that forgets.</summary>
internal sealed class MediaWorld : IDisposable
{
    public static readonly DateTimeOffset Epoch = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);
    private static readonly DtlsIdentity ServerIdentity = new(Epoch);

    private readonly Dictionary<NetworkPath, TestClient> _clients = [];
    private readonly Dictionary<string, TestClient> _bySession = [];
    private readonly Dictionary<NetworkPath, long> _sentTo = [];
    private readonly Random _seeded;
    private int _hosts = 10;
    private TimeSpan _coreWakes = TimeSpan.MaxValue;
    private TimeSpan _handshakesWake = TimeSpan.MaxValue;

    public MediaWorld(int seed = 1)
    {
        _seeded = new Random(seed);
        Network = new VirtualNetwork(seed);
        Outbox = new Outbox(Send);
        Control = new ControlPlane(
            new SdpTransport(ServerIdentity.Fingerprint, [System.Net.IPAddress.Parse("10.0.0.1")], 7882),
            _seeded.NextBytes
        );
        Core = new ForwardingCore(TimeSpan.FromSeconds(5), Epoch, Outbox, _seeded.NextBytes);
        Handshakes = new Handshakes(ServerIdentity, MaxHandshakes, TimeSpan.FromSeconds(30));
        Network.At(TimeSpan.Zero, Watch);
    }

    public const int MaxHandshakes = 64;

    public VirtualNetwork Network { get; }
    public Outbox Outbox { get; }
    public ControlPlane Control { get; }
    public ForwardingCore Core { get; }
    public Handshakes Handshakes { get; }
    public List<string> Log { get; } = [];

    /// <summary>Every list of speakers that was told, and when.</summary>
    public List<(TimeSpan At, IReadOnlyList<string> Users)> Speakers { get; } = [];
    public List<uint> ClosedConnections { get; } = [];
    public List<string> FailedHandshakes { get; } = [];
    public List<HandshakeFailed> Failures { get; } = [];
    public List<TimeSpan> HandshakeTimes { get; } = [];

    /// <summary>A client in the room, who answers offers and talks 50 times a second as soon as it is connected.</summary>
    public TestClient Join(
        string user,
        string room = "room",
        string? session = null,
        bool muted = false,
        bool deafened = false,
        DtlsIdentity? identity = null
    )
    {
        var client = new TestClient(this, user, session ?? $"s-{user}", identity);
        _bySession[client.SessionId] = client;
        Control.Open(room, client.SessionId, user, muted, deafened);
        Deliver();
        return client;
    }

    /// <summary>Sessions from here on are offered another certificate.</summary>
    public DtlsIdentity Renew()
    {
        var identity = new DtlsIdentity(Epoch);
        Control.Transport = Control.Transport with { Fingerprint = identity.Fingerprint };
        Handshakes.Renew(identity);
        return identity;
    }

    public void Close(TestClient client)
    {
        Control.Close(client.SessionId);
        Deliver();
    }

    public void SetVoice(TestClient client, bool muted = false, bool deafened = false, DtlsIdentity? identity = null)
    {
        Control.SetVoice(client.SessionId, muted, deafened);
        Deliver();
    }

    public AnswerResult Answer(string session, int revision, string sdp)
    {
        var result = Control.Answer(session, revision, sdp);
        Deliver();
        return result;
    }

    public void Run(double seconds) => Network.Run(Network.Now + TimeSpan.FromSeconds(seconds));

    public SessionStats Stats(TestClient client) => Control.Find(client.SessionId)!.Counters.ToStats(Network.Now);

    /// <summary>An address that nobody had before.</summary>
    public int NextHost() => ++_hosts;

    public void Attach(NetworkPath path, TestClient client) => _clients[path] = client;

    /// <summary>What is sent there reaches nobody any more.</summary>
    public void Detach(NetworkPath path) => _clients.Remove(path);

    /// <summary>A datagram for the server sets out.</summary>
    public void SendToServer(ReadOnlySpan<byte> datagram, NetworkPath from) =>
        Network.Send(datagram, (bytes, now) => Arrive(bytes, from, now));

    /// <summary>A datagram is there.</summary>
    public void Arrive(Span<byte> datagram, NetworkPath from, TimeSpan now)
    {
        Core.Handle(datagram, from, now);
        Settle();
    }

    public void Dispose() => Handshakes.Dispose();

    /// <summary>What the server sends goes nowhere and is only counted.</summary>
    public bool IsCutOff { get; set; }

    public long SentDatagrams { get; private set; }

    public long SentTo(NetworkPath path) => _sentTo.GetValueOrDefault(path);

    private void Send(Outbox outbox)
    {
        SentDatagrams += outbox.Count;
        for (var i = 0; i < outbox.Count; i++)
        {
            _sentTo[outbox.To(i)] = SentTo(outbox.To(i)) + 1;
        }
        if (IsCutOff)
        {
            return;
        }
        for (var i = 0; i < outbox.Count; i++)
        {
            if (_clients.TryGetValue(outbox.To(i), out var client))
            {
                Network.Send(outbox[i], client.Arrive);
            }
        }
    }

    private void Deliver()
    {
        foreach (var output in Control.TakeOutputs())
        {
            switch (output)
            {
                case Forwarding forwarding:
                    Core.Apply(forwarding.Command, Network.Now);
                    break;
                case TellSpeakers speakers:
                    Speakers.Add((Network.Now, speakers.UserIds));
                    break;
                case SendOffer offer:
                    _bySession[offer.Offer.SessionId].Take(offer.Offer);
                    break;
                case AwaitHandshake admitted:
                    Handshakes.Admit(admitted.Peer);
                    break;
                case ExpectCertificate expect:
                    Handshakes.Expect(expect.Peer, expect.Fingerprint);
                    break;
                case ForgetHandshake forget:
                    Handshakes.Forget(forget.Peer);
                    break;
            }
        }
        Settle();
    }

    private void Watch(TimeSpan now)
    {
        Control.ObserveSpeakers(now);
        Deliver();
        Network.At(now + TimeSpan.FromMilliseconds(100), Watch);
    }

    private void Settle()
    {
        var now = Network.Now;
        var isQuiet = false;
        while (!isQuiet)
        {
            isQuiet = true;
            foreach (var happened in Core.Events.ToArray())
            {
                Take(happened);
                isQuiet = false;
            }
            Core.ClearEvents();
            foreach (var output in Handshakes.TakeOutputs())
            {
                Take(output);
                isQuiet = false;
            }
        }
        Outbox.Flush();
        Wake(Core.NextDeadline, ref _coreWakes, () => Core.Advance(Network.Now), () => _coreWakes = TimeSpan.MaxValue);
        Wake(
            Handshakes.NextDeadline,
            ref _handshakesWake,
            () => Handshakes.Advance(Network.Now),
            () => _handshakesWake = TimeSpan.MaxValue
        );
    }

    private void Wake(TimeSpan? deadline, ref TimeSpan wakes, Action advance, Action woken)
    {
        if (deadline is not { } at || at >= wakes || at == TimeSpan.MaxValue)
        {
            return;
        }
        wakes = at;
        Network.At(
            at,
            _ =>
            {
                woken();
                advance();
                Settle();
            }
        );
    }

    private void Take(ForwardingEvent happened)
    {
        switch (happened)
        {
            case PeerConnected connected:
                Log.Add($"{connected.SessionId} connected");
                break;
            case PeerSilent silent:
                Log.Add($"{silent.SessionId} silent");
                break;
            case DtlsArrived arrived:
                Handshakes.Handle(arrived.Peer, arrived.From, arrived.Datagram, Network.Now);
                break;
            case ConnectionLeft left:
                ClosedConnections.Add(left.Connection);
                break;
            case KeysInUse inUse:
                Handshakes.Finished(inUse.Peer);
                break;
        }
    }

    private void Take(HandshakeOutput output)
    {
        switch (output)
        {
            case SendDatagram send:
                send.Datagram.CopyTo(Outbox.Next);
                Outbox.Commit(send.Datagram.Length, send.To);
                break;
            case HandshakeDone done:
                HandshakeTimes.Add(done.Took);
                Core.Apply(new SetKeys(done.Peer, done.Keys), Network.Now);
                break;
            case HandshakeFailed failed:
                FailedHandshakes.Add(failed.Reason);
                Failures.Add(failed);
                break;
        }
    }
}
