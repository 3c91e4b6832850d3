using System.Net;
using System.Security.Cryptography;
using System.Text;
using Calls.Caller.Media;
using Calls.Caller.Sdp;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Srtp;

namespace Calls.Bench.Media.Generator;

/// <summary>A client of the bench: the caller's own ICE, DTLS and SRTP, packets that are made up, and a check of each one that comes. On the loop's thread.</summary>
internal sealed class Participant : IMediaSink, IDisposable
{
    // RFC 8843 section 9.2: until the server knows the SSRC, for the first second.
    private const int PacketsWithMid = 50;
    private const int SamplesPerPacket = 960;
    private const byte Level = 30; // -30 dBov: a voice

    private readonly GeneratorLoop _loop;
    private readonly uint _address;
    private readonly byte[] _packet = new byte[512];
    private readonly byte[] _name;
    private readonly Dictionary<uint, Source> _sources = [];
    private MediaTransport? _transport;
    private OfferedLine? _line;
    private byte[] _mid = [];
    private SenderStats _stats = new(48_000);
    private uint _number;
    private volatile string? _fault;

    public Participant(GeneratorLoop loop, int number, DtlsIdentity identity)
    {
        _loop = loop;
        Number = number;
        _address = GeneratorLoop.AddressOf(number);
        Credentials = IceCredentials.Create(RandomNumberGenerator.Fill);
        _name = Encoding.ASCII.GetBytes($"p{number}");
        Identity = new AnswerIdentity(
            Credentials.Ufrag,
            Credentials.Password,
            identity.Fingerprint,
            Ssrc,
            $"p{number}",
            (ulong)number + 1
        );
        Dtls = identity;
    }

    public int Number { get; }

    /// <summary>The SSRC of its own stream.</summary>
    public uint Ssrc => 1_000_000 + ((uint)Number * 16);

    public AnswerIdentity Identity { get; }

    public IceCredentials Credentials { get; }

    public bool IsConnected => _transport?.IsConnected == true;

    /// <summary>Why it will never be connected.</summary>
    public string? Failure => _fault ?? _transport?.Failure;

    /// <summary>Sources that were announced to it.</summary>
    public int Announced => _sources.Count;

    private DtlsIdentity Dtls { get; }

    /// <summary>Takes an offer: the first one opens the path, and each says which SSRC is whose.</summary>
    /// <param name="offer">What the server offers.</param>
    /// <param name="senders">The participants that it announces, by SSRC.</param>
    /// <param name="now">The time.</param>
    public void Take(SessionOffer offer, IReadOnlyDictionary<uint, int> senders, TimeSpan now)
    {
        if (_transport is null)
        {
            _line = offer.Lines.First(line => line.IsTaken && line.Direction is OfferedDirection.RecvOnly);
            _mid = Encoding.ASCII.GetBytes(_line.Mid);
            _transport = new MediaTransport(offer, Credentials, Dtls, RandomNumberGenerator.Fill, Send, this, now);
            Server = offer.Candidates[0];
        }
        foreach (var (ssrc, sender) in senders)
            _sources.TryAdd(ssrc, new Source(sender));
    }

    /// <summary>Its signalling went wrong: so it will not be connected. From any thread.</summary>
    public void Blame(string fault) => _fault ??= fault;

    /// <summary>Takes a datagram that came to its address.</summary>
    public void Handle(Span<byte> datagram, TimeSpan now) => _transport?.Handle(datagram, Server, now);

    /// <summary>Does what time asks of ICE and DTLS.</summary>
    public void Advance(TimeSpan now)
    {
        if (_transport?.NextDeadline <= now)
            _transport.Advance(now);
    }

    /// <summary>Says a packet; the time in it is that of this moment.</summary>
    public void Speak(TimeSpan now)
    {
        var line = _line!;
        var timestamp = _number * SamplesPerPacket;
        var writer = new RtpHeaderWriter(_packet, line.OpusPayloadType, _number == 0, (ushort)_number, timestamp, Ssrc);
        if (line.AudioLevelId is { } level)
            writer.AddExtension(level, [Level]);
        if (line.MidId is { } mid && _number < PacketsWithMid)
            writer.AddExtension(mid, _mid);
        var header = writer.Finish();
        var stamp = new PacketStamp(Number, ++_number, DateTime.UtcNow.Ticks);
        stamp.Write(_packet.AsSpan(header));
        _stats.OnPacket(timestamp, PacketStamp.PayloadLength, now);
        _transport!.SendRtp(_packet, header + PacketStamp.PayloadLength);
        _loop.Window.OnSent(stamp);
    }

    /// <summary>Sends its sender report, as every client does once a second.</summary>
    public void Report(TimeSpan now)
    {
        if (!IsConnected || _number == 0)
            return;
        var writer = new RtcpWriter(_packet);
        writer.AddSenderReport(_stats.MakeReport(Ssrc, NtpTime.From(DateTimeOffset.UtcNow), now), []);
        writer.AddCname(Ssrc, _name);
        _transport!.SendRtcp(_packet, writer.Length);
    }

    public void OnRtp(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        if (
            !RtpPacket.TryParse(packet, out var rtp)
            || !PacketStamp.TryRead(rtp.Payload, out var stamp)
            || !_sources.TryGetValue(rtp.Ssrc, out var source)
            || !source.Accepts(stamp)
        )
            _loop.Window.OnWrong();
        else
            _loop.Window.OnArrived(stamp, _loop.ArrivedAt);
    }

    public void OnRtcp(ReadOnlySpan<byte> compound, TimeSpan now)
    {
        // That it is authentic is all that is asked of it.
    }

    public void Dispose() => _transport?.Dispose();

    /// <summary>Packets that were neither authentic nor anything else that is known.</summary>
    public int Refused => _transport?.Refused ?? 0;

    private IPEndPoint? Server { get; set; }

    private void Send(ReadOnlySpan<byte> datagram, IPEndPoint to) => _loop.Send(datagram, _address, to);

    /// <summary>One of the others. On loopback nothing is overtaken, so each packet must be newer than the one before.</summary>
    private sealed class Source(int sender)
    {
        private uint _last;

        public bool Accepts(in PacketStamp stamp)
        {
            var isNext = stamp.Sender == sender && stamp.Number > _last;
            _last = stamp.Number;
            return isNext;
        }
    }
}
