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
    private readonly Socket _socket;
    private readonly string _user;
    private DtlsHandshake? _dtls;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private SrtpStream _stream;
    private StunKey? _key;
    private OfferReader? _offer;
    private TimeSpan _checkAt;
    private ushort _sequence;

    public LiveClient(string user, IPEndPoint server)
    {
        _user = user;
        _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        // Connected: what comes from another address than the one that was spoken to does not arrive.
        _socket.Connect(server);
    }

    public HashSet<string> Heard { get; } = [];

    public string Answer(MediaOffer offer)
    {
        _offer = new OfferReader(offer.Sdp);
        _key = new StunKey(_offer.Password);
        return AnswerText.For(_offer, Identity.Fingerprint);
    }

    public void SendRaw(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

    /// <summary>Sends what is due and takes what has come.</summary>
    public void Turn(TimeSpan now)
    {
        if (_offer is null)
        {
            return;
        }
        if (_dtls is null && now >= _checkAt)
        {
            _checkAt = now + TimeSpan.FromMilliseconds(50);
            Span<byte> transaction = stackalloc byte[StunMessage.TransactionIdLength];
            Random.Shared.NextBytes(transaction);
            var check = new StunCheck($"{_offer.Ufrag}:abcd", 1, IsControlling: true, 1, UseCandidate: true);
            _socket.Send(_buffer.AsSpan(0, StunWriter.WriteCheck(_buffer, transaction, check, _key!)));
        }
        while (_socket.Poll(0, SelectMode.SelectRead))
        {
            Take(_buffer.AsSpan(0, _socket.Receive(_buffer)), now);
        }
        _dtls?.Advance(now);
        Drain();
        Speak();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _dtls?.Dispose();
    }

    private void Take(Span<byte> datagram, TimeSpan now)
    {
        switch (datagram[0])
        {
            case <= 3:
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
            _socket.Send(datagram);
        }
    }

    private void Speak()
    {
        if (_sender is null)
        {
            return;
        }
        var header = new RtpHeaderWriter(_buffer, 111, marker: false, _sequence, (uint)_sequence * 960, 77);
        _sequence++;
        var length = header.Finish();
        length += Encoding.UTF8.GetBytes(_user, _buffer.AsSpan(length));
        _socket.Send(_buffer.AsSpan(0, _sender.Protect(ref _stream, _buffer, length)));
    }
}
