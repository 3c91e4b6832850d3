using System.Net;
using System.Net.Sockets;
using System.Text;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Rtp;
using Calls.Media.Srtp;
using Calls.Media.Stun;
using Calls.Media.Tests.Sfu;

namespace Calls.Media.Tests.Shell;

/// <summary>A client on a real socket, driven by the test's own thread: each call does its part and looks for datagrams.</summary>
internal sealed class LiveClient : IDisposable
{
    private static readonly DtlsIdentity Identity = new(MediaWorld.Epoch);
    private readonly byte[] _buffer = new byte[2_048];
    private IClientLine _line;
    private readonly string _user;
    private readonly IPEndPoint _server;
    private DtlsHandshake? _dtls;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private SrtpStream _stream;
    private StunKey? _key;
    private OfferReader? _offer;
    private TimeSpan _speakAt;
    private TimeSpan _checkAt;
    private ushort _sequence;
    private bool _isChecked;

    public LiveClient(string user, IPEndPoint server, bool overTcp = false)
    {
        _user = user;
        _server = server;
        _line = overTcp ? new TcpLine(server, ReceiveBuffer) : new UdpLine(server);
    }

    /// <summary>Goes on from another port, as one whose NAT has forgotten them, and knows nothing of it.</summary>
    public void Rebind()
    {
        _line.Dispose();
        _line = new UdpLine(_server);
        // It says thousands of packets a second: losing half a second of them would be more than SRTP bridges.
        (_isChecked, _checkAt) = (false, TimeSpan.Zero);
    }

    /// <summary>Goes on over TCP, as one whose network lets no UDP through any more.</summary>
    public void GoOnOverTcp()
    {
        _line.Dispose();
        _line = new TcpLine(_server, ReceiveBuffer);
        // Nothing is said on a new pair before a check has been answered there.
        (_isChecked, _checkAt) = (false, TimeSpan.Zero);
    }

    /// <summary>The TCP connection, if it is one.</summary>
    public TcpLine Tcp => (TcpLine)_line;

    /// <summary>Whether it takes what comes.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Whether its checks say that the pair is to be used.</summary>
    public bool Nominates { get; set; } = true;

    /// <summary>What the latest offer said.</summary>
    public OfferReader? Offered => _offer;

    public HashSet<string> Heard { get; } = [];

    public string Answer(MediaOffer offer)
    {
        _offer = new OfferReader(offer.Sdp);
        _key = new StunKey(_offer.Password);
        return AnswerText.For(_offer, Identity.Fingerprint);
    }

    // Little, so that who does not read shows soon.
    private const int ReceiveBuffer = 8_192;

    public void SendRaw(ReadOnlySpan<byte> datagram) => _line.Send(datagram);

    /// <summary>Whether it speaks as fast as it can, and not as a microphone does; the server lets some of it through (<see cref="Calls.Media.Sfu.SendCeiling"/>).</summary>
    public bool Floods { get; set; }

    /// <summary>Sends what is due and takes what has come.</summary>
    public void Turn(TimeSpan now)
    {
        if (_offer is null)
        {
            return;
        }
        if (now >= _checkAt)
        {
            // Often at first, then as browsers do.
            _checkAt = now + (_sender is null ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromMilliseconds(500));
            Span<byte> transaction = stackalloc byte[StunMessage.TransactionIdLength];
            Random.Shared.NextBytes(transaction);
            var check = new StunCheck($"{_offer.Ufrag}:abcd", 1, IsControlling: true, 1, UseCandidate: Nominates);
            _line.Send(_buffer.AsSpan(0, StunWriter.WriteCheck(_buffer, transaction, check, _key!)));
        }
        while (Reads && _line.TryReceive(out var packet))
        {
            Take(packet, now);
        }
        _dtls?.Advance(now);
        Drain();
        if (now >= _speakAt || Floods)
        {
            _speakAt = now + TimeSpan.FromMilliseconds(20);
            Speak();
        }
    }

    public void Dispose()
    {
        _line.Dispose();
        _dtls?.Dispose();
    }

    private void Take(Span<byte> datagram, TimeSpan now)
    {
        switch (datagram[0])
        {
            case <= 3:
                _isChecked = true;
                _dtls ??= new DtlsHandshake(Identity, DtlsRole.Client, now);
                break;
            case <= 63:
                _dtls!.Handle(datagram, now);
                if (_dtls.Phase == DtlsPhase.Done && _sender is null)
                {
                    var (client, server) = SrtpKeys.Split(_dtls.Secrets!.Profile, _dtls.Secrets.SrtpKeys);
                    (_sender, _receiver) = (new SrtpSender(client), new SrtpReceiver(server));
                }
                break;
            case var _ when datagram[1] is >= 192 and <= 223:
                break;
            default:
                if (
                    _receiver!.TryUnprotect(datagram, out var length)
                    && RtpPacket.TryParse(datagram[..length], out var packet)
                )
                {
                    Heard.Add(Encoding.UTF8.GetString(packet.Payload));
                }
                break;
        }
    }

    private void Drain()
    {
        while (_dtls is not null && _dtls.TryTake(out var datagram))
        {
            _line.Send(datagram);
        }
    }

    private void Speak()
    {
        if (_sender is null || !_isChecked)
        {
            return;
        }
        var header = new RtpHeaderWriter(_buffer, 111, marker: false, _sequence, (uint)_sequence * 960, 77);
        _sequence++;
        var length = header.Finish();
        length += Encoding.UTF8.GetBytes(_user, _buffer.AsSpan(length));
        _line.Send(_buffer.AsSpan(0, _sender.Protect(ref _stream, _buffer, length)));
    }
}
