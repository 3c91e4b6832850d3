using System.Buffers.Binary;
using System.Text;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Srtp;
using Calls.Media.Stun;

namespace Calls.Media.Tests.Sfu;

/// <summary>The other half of a call, as far as it takes to test the server: checks, DTLS as a client, numbered sounds, and a memory of all that it hears.</summary>
internal sealed partial class TestClient
{
    private static readonly DtlsIdentity SharedIdentity = new(MediaWorld.Epoch);
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    private readonly MediaWorld _world;
    private readonly byte[] _buffer = new byte[2_048];
    private DtlsHandshake? _dtls;
    private SrtpReceiver? _receiver;
    private SrtpSender? _sender;
    private SrtpStream _stream;
    private readonly Dictionary<ushort, byte[]> _sent = [];
    private StunKey? _serverKey;
    private ushort _sequence;
    private uint _timestamp;
    private int _spoken;
    private ushort _transport = 65_500;
    private TimeSpan _dtlsWakes = TimeSpan.MaxValue;

    public TestClient(MediaWorld world, string user, string session, DtlsIdentity? identity = null)
    {
        Identity = identity ?? SharedIdentity;
        _world = world;
        User = user;
        SessionId = session;
        Path = VirtualNetwork.Path(world.NextHost(), 5_000);
        world.Attach(Path, this);
        Ssrc = (uint)world.Network.Chance.Next(2, int.MaxValue);
        _sequence = (ushort)world.Network.Chance.Next(65_536);
        _timestamp = FirstTimestamp = (uint)world.Network.Chance.Next();
    }

    public string User { get; }
    public string SessionId { get; }
    public NetworkPath Path { get; private set; }
    public uint Ssrc { get; set; }
    public MediaOffer? Offer { get; private set; }
    public OfferReader? Said { get; private set; }
    public int Offers { get; private set; }
    public uint FirstTimestamp { get; }

    /// <summary>Of the next packet.</summary>
    public uint NextTimestamp => _timestamp;

    public SrtpProfile? Profile => _dtls?.Secrets?.Profile;
    public bool IsConnected => _sender is not null;
    public DtlsIdentity Identity { get; }

    /// <summary>Whether offers are answered by themselves.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>Whether it makes sounds.</summary>
    public bool Talks { get; set; } = true;

    /// <summary>Whether it claims the controlling role, as every full agent towards a lite one does.</summary>
    public bool Controls { get; set; } = true;

    /// <summary>Whether it never gets beyond its first DTLS flight.</summary>
    public bool Stalls { get; set; }

    /// <summary>Whether it looks at RTCP: one that breaks rules is told what nobody else would be.</summary>
    public bool TakesRtcp { get; set; } = true;

    /// <summary>Whether its packets say which line they are for.</summary>
    public bool SaysMid { get; set; } = true;

    /// <summary>How loud it is, in −dBov.</summary>
    public int Level { get; set; } = 20;

    /// <summary>Whether it asks for what it misses, and sends again what it is asked for, if the answer agrees to that.</summary>
    public bool Nacks { get; set; }

    /// <summary>Whether its packets have transport-wide numbers.</summary>
    public bool Numbers { get; set; }

    /// <summary>When the service says that its packets came, in quarters of a millisecond, by their transport-wide numbers; −1 for those that did not.</summary>
    public Dictionary<ushort, long> Arrivals { get; } = [];
    public List<TimeSpan> FeedbackAt { get; } = [];

    /// <summary>Which of its own packets, by their count, get lost on their first way.</summary>
    public Func<int, bool> Loses { get; set; } = _ => false;

    /// <summary>What the payload of its packets is: a number, and bytes to go before the words.</summary>
    public byte PayloadType { get; set; } = 111;

    /// <inheritdoc cref="PayloadType"/>
    public byte[] Prefix { get; set; } = [];

    /// <summary>Every RTP datagram as it came.</summary>
    public List<byte[]> Datagrams { get; } = [];

    /// <summary>The numbers that the service asked for, one entry for each time.</summary>
    public List<(TimeSpan At, ushort Sequence)> Asked { get; } = [];

    /// <summary>Whether each feedback came without a report before it.</summary>
    public List<bool> ReducedSizes { get; } = [];

    /// <summary>Sees everything that is sent.</summary>
    public Action<byte[]>? Wiretap { get; set; }

    /// <summary>Changes an answer before it goes out.</summary>
    public Func<string, string> Edit { get; set; } = sdp => sdp;

    public AnswerResult? LastAnswer { get; private set; }

    /// <summary>Everything that was heard, by the SSRC it came under, in the order of its coming.</summary>
    public Dictionary<uint, List<HeardPacket>> Heard { get; } = [];

    public List<SenderReport> SenderReports { get; } = [];
    public List<TimeSpan> ReportsAt { get; } = [];
    public List<int> Refusals { get; } = [];
    public List<ReportBlock> Reports { get; } = [];
    public List<uint> Byes { get; } = [];
    public List<byte[]> ExtendedReports { get; } = [];

    /// <summary>When the service's own regular reports came.</summary>
    public List<TimeSpan> CompoundsAt { get; } = [];
    public int ChecksAnswered { get; private set; }
    public int Spoken => _spoken;

    /// <summary>The packets of one user, wherever they came.</summary>
    public IReadOnlyList<HeardPacket> From(string user) =>
        [.. Heard.Values.SelectMany(packets => packets).Where(packet => packet.Speaker == user)];

    public void Take(MediaOffer offer)
    {
        Offer = offer;
        Offers++;
        var isFirst = Said is null;
        Said = new OfferReader(offer.Sdp);
        _serverKey = new StunKey(Said.Password);
        if (isFirst)
        {
            _world.Network.At(_world.Network.Now, _ => Check(nominate: true, again: true));
            _world.Network.At(_world.Network.Now, Talk);
        }
        _world.Network.At(
            _world.Network.Now + Frame,
            _ =>
            {
                if (Answers)
                {
                    Answer();
                }
            }
        );
    }

    public void Answer()
    {
        var answer = Edit(AnswerText.For(Said!, Identity.Fingerprint, Talks ? "sendonly" : "inactive"));
        LastAnswer = _world.Answer(SessionId, Offer!.Revision, answer);
    }

    /// <summary>Goes on from another address, as a phone does that leaves the Wi-Fi.</summary>
    public void Move(bool nominate)
    {
        Path = VirtualNetwork.Path(_world.NextHost(), 6_000);
        _world.Attach(Path, this);
        Check(nominate, again: false);
    }

    /// <summary>Its NAT gives it another address, of which it knows nothing.</summary>
    public void Rebind()
    {
        _world.Detach(Path);
        Path = VirtualNetwork.Path(_world.NextHost(), 6_000);
        _world.Attach(Path, this);
    }

    /// <summary>Goes on over a TCP connection.</summary>
    public void MoveToTcp(uint connection, bool nominate)
    {
        Path = new NetworkPath(Path.Remote, default) { Connection = connection };
        _world.Attach(Path, this);
        Check(nominate, again: false);
    }

    public void Check(bool nominate, bool again)
    {
        Span<byte> transaction = stackalloc byte[StunMessage.TransactionIdLength];
        _world.Network.Chance.NextBytes(transaction);
        var check = new StunCheck($"{Said!.Ufrag}:abcd", 1, Controls, 1, nominate);
        var length = StunWriter.WriteCheck(_buffer, transaction, check, _serverKey!);
        Send(_buffer.AsSpan(0, length));
        if (again && _world.Control.Find(SessionId) is not null && !IsSilenced)
        {
            var pause = ChecksAnswered == 0 ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromSeconds(2.5);
            _world.Network.At(_world.Network.Now + pause, _ => CheckAgain(nominate));
        }
    }

    private void CheckAgain(bool nominate)
    {
        if (!ChecksNoMore)
        {
            Check(nominate && NominatesAgain, again: true);
        }
    }

    /// <summary>Whether its later checks nominate too, as Chromium's do towards a lite server.</summary>
    public bool NominatesAgain { get; set; } = true;

    /// <summary>Whether it sends no checks once it is connected.</summary>
    public bool ChecksNoMore { get; set; }

    /// <summary>Pulls the plug: nothing is sent any more.</summary>
    public bool IsSilenced { get; set; }

    public void SayGoodbye()
    {
        _dtls!.Close();
        Drain();
    }

    /// <summary>Sends an RTCP compound.</summary>
    public void SendRtcp(Func<RtcpCompound, RtcpCompound> build)
    {
        var bytes = new byte[1_500];
        var length = build(new RtcpCompound(bytes)).Length;
        length = _sender!.ProtectRtcp(bytes, length);
        Send(bytes.AsSpan(0, length));
    }

    public void Arrive(byte[] datagram, TimeSpan now)
    {
        if (IsSilenced)
        {
            return;
        }
        switch (datagram[0])
        {
            case <= 3:
                StunMessage.TryParse(datagram, out var message).ShouldBeTrue();
                if (message.Class == StunClass.Error)
                {
                    Refusals.Add(message.ErrorCode);
                }
                else
                {
                    message.VerifyIntegrity(_serverKey!).ShouldBeTrue();
                    ChecksAnswered++;
                    BeginDtls(now);
                }
                break;
            case <= 63:
                if (!Stalls)
                {
                    _dtls?.Handle(datagram, now);
                    AfterDtls();
                }
                break;
            case var _ when datagram[1] is >= 192 and <= 223:
                if (TakesRtcp)
                {
                    HearRtcp(datagram, now);
                }
                break;
            default:
                Datagrams.Add(datagram.ToArray());
                Hear(datagram, now);
                break;
        }
    }

    /// <summary>Says one packet now.</summary>
    public void Speak(TimeSpan now)
    {
        if (_sender is null || IsSilenced)
        {
            return;
        }
        var packet = new byte[256];
        var header = new RtpHeaderWriter(packet, PayloadType, marker: false, _sequence++, _timestamp, Ssrc);
        header.AddExtension(1, [(byte)Level]);
        if (Numbers)
        {
            header.AddExtension(3, [(byte)(_transport >> 8), (byte)_transport++]);
        }
        if (SaysMid)
        {
            header.AddExtension(2, "0"u8);
        }
        var length = header.Finish();
        Prefix.CopyTo(packet, length);
        length += Prefix.Length;
        length += Encoding.UTF8.GetBytes($"{User}#{_spoken++}", packet.AsSpan(length));
        length = _sender.Protect(ref _stream, packet, length);
        _timestamp += 960;
        _sent[(ushort)(_sequence - 1)] = packet[..length];
        if (!Loses(_spoken - 1))
        {
            Send(packet.AsSpan(0, length));
        }
    }

    /// <summary>Sends a packet of another source than the microphone.</summary>
    public void Show(OtherSource source, bool marker)
    {
        var packet = new byte[1_500];
        var header = new RtpHeaderWriter(
            packet,
            source.PayloadType,
            marker,
            source.Sequence++,
            source.Timestamp,
            source.Ssrc
        );
        header.AddExtension(2, Encoding.ASCII.GetBytes(source.Mid));
        var length = header.Finish();
        Encoding.UTF8.GetBytes($"{User}#{source.Shown++}", packet.AsSpan(length));
        length = _sender!.Protect(ref source.Stream, packet, length + source.Size);
        Send(packet.AsSpan(0, length));
    }

    /// <summary>Asks for packets of a source again.</summary>
    public void Ask(uint source, params ushort[] missing)
    {
        var bytes = new byte[1_500];
        var writer = new RtcpWriter(bytes);
        writer.AddNack(Ssrc, source, missing);
        var length = _sender!.ProtectRtcp(bytes, writer.Length);
        Send(bytes.AsSpan(0, length));
    }

    private void Talk(TimeSpan now)
    {
        if (_world.Control.Find(SessionId) is null)
        {
            return;
        }
        if (Talks)
        {
            Speak(now);
        }
        _world.Network.At(now + Frame, Talk);
    }

    private void BeginDtls(TimeSpan now)
    {
        if (_dtls is null)
        {
            _dtls = new DtlsHandshake(Identity, DtlsRole.Client, now);
            AfterDtls();
        }
    }

    private void AfterDtls()
    {
        Drain();
        if (_dtls!.Phase == DtlsPhase.Done && _sender is null)
        {
            _dtls.Secrets!.Peer.ToString().ShouldBe(Said!.Fingerprint);
            var (client, server) = SrtpKeys.Split(_dtls.Secrets.Profile, _dtls.Secrets.SrtpKeys);
            _sender = new SrtpSender(client);
            _receiver = new SrtpReceiver(server);
        }
        if (_dtls.NextDeadline is { } deadline && deadline < _dtlsWakes)
        {
            _dtlsWakes = deadline;
            _world.Network.At(
                deadline,
                now =>
                {
                    _dtlsWakes = TimeSpan.MaxValue;
                    _dtls.Advance(now);
                    AfterDtls();
                }
            );
        }
    }

    private void Drain()
    {
        while (_dtls!.TryTake(out var datagram))
        {
            Send(datagram);
        }
    }

    private void Send(ReadOnlySpan<byte> datagram)
    {
        if (!IsSilenced)
        {
            Wiretap?.Invoke(datagram.ToArray());
            _world.SendToServer(datagram, Path);
        }
    }
}
