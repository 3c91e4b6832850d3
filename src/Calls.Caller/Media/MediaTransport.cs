using System.Net;
using Calls.Caller.Ice;
using Calls.Caller.Sdp;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Srtp;
using Calls.Media.Stun;

namespace Calls.Caller.Media;

/// <summary>Sends one datagram.</summary>
internal delegate void SendDatagram(ReadOnlySpan<byte> datagram, IPEndPoint to);

/// <summary>Takes what the server sends, decrypted.</summary>
internal interface IMediaSink
{
    void OnRtp(ReadOnlySpan<byte> packet, TimeSpan now);

    void OnRtcp(ReadOnlySpan<byte> compound, TimeSpan now);
}

/// <summary>One path to the server: ICE finds it, DTLS makes its keys, SRTP uses them. Without a socket and without a clock.</summary>
internal sealed class MediaTransport : IDisposable
{
    private readonly IceAgent _ice;
    private readonly DtlsIdentity _identity;
    private readonly DtlsFingerprint _server;
    private readonly SendDatagram _send;
    private readonly IMediaSink _sink;
    private readonly byte[] _stun = new byte[StunMessage.MaxLength];
    private DtlsHandshake? _dtls;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private SrtpStream _stream;

    public MediaTransport(
        SessionOffer offer,
        IceCredentials credentials,
        DtlsIdentity identity,
        FillRandom random,
        SendDatagram send,
        IMediaSink sink,
        TimeSpan now
    )
    {
        _ice = new IceAgent(credentials, offer.Ufrag, offer.Password, offer.Candidates, random, now);
        _identity = identity;
        _server = offer.Fingerprint;
        _send = send;
        _sink = sink;
    }

    /// <summary>Whether media can flow.</summary>
    public bool IsConnected => _sender is not null;

    /// <summary>The profile that was agreed on.</summary>
    public SrtpProfile? Profile { get; private set; }

    /// <summary>Why it will never connect.</summary>
    public string? Failure { get; private set; }

    /// <summary>How many packets were neither authentic nor anything else that is known.</summary>
    public int Refused { get; private set; }

    public TimeSpan NextDeadline =>
        _dtls?.NextDeadline is { } dtls && dtls < _ice.NextDeadline ? dtls : _ice.NextDeadline;

    /// <summary>Does what is due.</summary>
    public void Advance(TimeSpan now)
    {
        while (_ice.TryCheck(now, _stun, out var length, out var to))
        {
            _send(_stun.AsSpan(0, length), to!);
        }

        if (_dtls is null && _ice.Selected is not null)
        {
            _dtls = new DtlsHandshake(_identity, DtlsRole.Client, now);
        }

        _dtls?.Advance(now);
        Flush();
        if (Failure is null && _ice.IsLost(now))
        {
            Failure = "the server no longer answers connectivity checks";
        }
    }

    /// <summary>Takes a datagram, whose first byte tells what it is (RFC 7983); media is decrypted in place.</summary>
    public void Handle(Span<byte> datagram, IPEndPoint? from, TimeSpan now)
    {
        switch (datagram)
        {
            case [<= 3, ..] when from is not null:
                var length = _ice.Handle(datagram, from, now, _stun);
                if (length > 0)
                {
                    _send(_stun.AsSpan(0, length), from);
                }

                Advance(now); // a check that succeeded is followed by the next step at once
                return;
            case [>= 20 and <= 63, ..]:
                _dtls?.Handle(datagram, now);
                Flush();
                return;
            case [>= 128 and <= 191, _, ..]:
                HandleMedia(datagram, now);
                return;
            default:
                Refused++;
                return;
        }
    }

    /// <summary>Checks the path anew: the caller's own address has changed.</summary>
    public void Renew(TimeSpan now) => _ice.Renew(now);

    /// <summary>Protects and sends an RTP packet; the buffer has room for the tag. Nothing is sent before the path is there.</summary>
    /// <returns>What was sent, in the buffer.</returns>
    public ReadOnlySpan<byte> SendRtp(Span<byte> buffer, int length)
    {
        if (_sender is null)
        {
            return default;
        }

        var sent = buffer[.._sender.Protect(ref _stream, buffer, length)];
        _send(sent, _ice.Selected!);
        return sent;
    }

    /// <summary>Sends what <see cref="SendRtp"/> gave once more, to the bit: other bytes under the same SRTP index would give its key away.</summary>
    public void SendAgain(ReadOnlySpan<byte> sent) => _send(sent, _ice.Selected!);

    /// <summary>Protects and sends a compound RTCP packet; the buffer has room for index and tag.</summary>
    public void SendRtcp(Span<byte> buffer, int length)
    {
        if (_sender is not null)
        {
            _send(buffer[.._sender.ProtectRtcp(buffer, length)], _ice.Selected!);
        }
    }

    /// <summary>Says good-bye in DTLS.</summary>
    public void Close()
    {
        _dtls?.Close();
        Flush();
    }

    public void Dispose() => _dtls?.Dispose();

    private void Flush()
    {
        while (_dtls?.TryTake(out var datagram) == true)
        {
            _send(datagram, _ice.Selected!);
        }

        switch (_dtls?.Phase)
        {
            case DtlsPhase.Done when _sender is null && Failure is null:
                UseKeys(_dtls.Secrets!);
                break;
            case DtlsPhase.Failed:
                Failure ??= _dtls.Failure;
                break;
        }
    }

    private void UseKeys(DtlsSecrets secrets)
    {
        if (secrets.Peer != _server)
        {
            Failure = "the server's certificate is another than the offer says";
            return;
        }

        Profile = secrets.Profile;
        var (client, server) = SrtpKeys.Split(Profile, secrets.SrtpKeys);
        _sender = new SrtpSender(client);
        _receiver = new SrtpReceiver(server);
    }

    private void HandleMedia(Span<byte> packet, TimeSpan now)
    {
        // RFC 5761 §4: the packet types of RTCP are 192 to 223, where no dynamic payload type with its marker is.
        if (packet[1] is >= 192 and <= 223)
        {
            if (_receiver?.TryUnprotectRtcp(packet, out var length) == true)
            {
                _sink.OnRtcp(packet[..length], now);
                return;
            }
        }
        else if (_receiver?.TryUnprotect(packet, out var length) == true)
        {
            _sink.OnRtp(packet[..length], now);
            return;
        }

        Refused++;
    }
}
