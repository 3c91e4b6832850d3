using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Calls.Media.Dtls;

/// <summary>Which side of the handshake. The server of calls is always <see cref="Server"/> (<c>a=setup:passive</c>).</summary>
public enum DtlsRole
{
    Server,
    Client,
}

/// <summary>How far a handshake is.</summary>
public enum DtlsPhase
{
    Handshaking,

    /// <summary>Both sides have said Finished; <see cref="DtlsHandshake.Secrets"/> are there.</summary>
    Done,

    /// <summary>It will never be done; <see cref="DtlsHandshake.Failure"/> says why.</summary>
    Failed,
}

/// <summary>One DTLS 1.2 handshake (RFC 6347) for SRTP keys (RFC 5764), without a socket and without a clock: datagrams and times go in, datagrams come out.</summary>
/// <remarks>
/// Retransmission is done here, by repeating the last flight's bytes, and not by OpenSSL, whose timers run on the
/// machine's clock: so a test can replay any loss in virtual time, and the same bytes serve after the <c>SSL</c> is gone.
/// A receiver takes a repeated record when it has lost the first one and drops it as a replay when it has not,
/// which is just what is wanted (RFC 6347 section 4.1.2.6). Not thread-safe.
/// </remarks>
public sealed unsafe class DtlsHandshake : IDisposable
{
    /// <summary>Bytes per datagram: fits through any tunnel that WebRTC is used over.</summary>
    public const int Mtu = 1200;

    /// <summary>First pause before a flight is repeated: a round trip on most paths, and unheard of loss costs little.</summary>
    public static readonly TimeSpan FirstRetransmission = TimeSpan.FromMilliseconds(60);

    /// <summary>Longest pause; each is twice the one before.</summary>
    public static readonly TimeSpan LongestRetransmission = TimeSpan.FromSeconds(2);

    private const int MaxDatagram = 2048; // bytes; nothing a client sends in a handshake comes in larger ones

    private const int MaxFlight = 8192; // bytes; with certificates of one elliptic key none has more than 1 KB

    private readonly Queue<byte[]> _outgoing = new();
    private List<byte[]> _lastFlight = [];
    private TimeSpan _pause = FirstRetransmission;
    private TimeSpan? _deadline;
    private readonly SslHandle _handle;
    private nint _ssl;
    private nint _input;
    private nint _output;

    /// <summary>Begins a handshake; a client's first flight is to be taken at once.</summary>
    public DtlsHandshake(DtlsIdentity identity, DtlsRole role, TimeSpan now)
    {
        Role = role;
        _ssl = OpenSsl.SSL_new(identity.Context.DangerousGetHandle());
        GC.KeepAlive(identity); // from here on the SSL holds the context by itself
        _handle = new SslHandle(_ssl);
        _input = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        _output = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        if (_ssl == 0 || _input == 0 || _output == 0)
        {
            throw new CryptographicException($"OpenSSL has no memory for a handshake: {OpenSsl.TakeError()}");
        }
        // An empty buffer means "come again", not the end of the stream.
        OpenSsl.BIO_ctrl(_input, OpenSsl.SetMemoryEndReturn, -1, 0);
        OpenSsl.BIO_ctrl(_output, OpenSsl.SetMemoryEndReturn, -1, 0);
        OpenSsl.SSL_set_bio(_ssl, _input, _output);
        OpenSsl.SSL_ctrl(_ssl, OpenSsl.SetLinkMtu, Mtu, 0);
        OpenSsl.DTLS_set_timer_cb(_ssl, &NeverByItself);
        if (role == DtlsRole.Client)
        {
            OpenSsl.SSL_set_connect_state(_ssl);
            Step(now);
        }
        else
        {
            OpenSsl.SSL_set_accept_state(_ssl);
        }
    }

    /// <summary>Which side this is.</summary>
    public DtlsRole Role { get; }

    /// <summary>How far it is.</summary>
    public DtlsPhase Phase { get; private set; }

    /// <summary>Why it failed, in words for an operator.</summary>
    public string? Failure { get; private set; }

    /// <summary>What came of it, once it is done.</summary>
    public DtlsSecrets? Secrets { get; private set; }

    /// <summary>When <see cref="Advance"/> has something to do, or null.</summary>
    public TimeSpan? NextDeadline => _deadline;

    /// <summary>Takes a datagram of the peer; one that makes no sense changes nothing.</summary>
    public void Handle(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (datagram.Length is 0 or > MaxDatagram || Phase == DtlsPhase.Failed)
        {
            return;
        }
        if (Phase == DtlsPhase.Done)
        {
            // The peer has not got our last flight: it says Finished again (RFC 6347 section 4.2.4).
            if (DtlsRecords.HoldsFinished(datagram))
            {
                Repeat();
            }
            return;
        }
        fixed (byte* bytes = datagram)
        {
            _ = OpenSsl.BIO_write(_input, bytes, datagram.Length);
        }
        Step(now);
    }

    /// <summary>Repeats the last flight if its time has come.</summary>
    public void Advance(TimeSpan now)
    {
        if (_deadline is not { } deadline || now < deadline)
        {
            return;
        }
        Repeat();
        _pause = _pause + _pause < LongestRetransmission ? _pause + _pause : LongestRetransmission;
        _deadline = now + _pause;
    }

    /// <summary>The next datagram to be sent, as long as there is one.</summary>
    public bool TryTake(out byte[] datagram) => _outgoing.TryDequeue(out datagram!);

    /// <summary>Says <c>close_notify</c>: only before <see cref="Release"/>.</summary>
    public void Close()
    {
        if (_ssl != 0 && Phase == DtlsPhase.Done)
        {
            OpenSsl.ERR_clear_error();
            _ = OpenSsl.SSL_shutdown(_ssl);
            Drain().ForEach(_outgoing.Enqueue);
        }
    }

    /// <summary>Gives OpenSSL's 75 KB back and keeps the few hundred bytes that a repeated Finished is answered with.</summary>
    public void Release()
    {
        if (_ssl != 0)
        {
            _handle.Dispose();
            _ssl = _input = _output = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private void Step(TimeSpan now)
    {
        OpenSsl.ERR_clear_error();
        var result = OpenSsl.SSL_do_handshake(_ssl);
        var flight = Drain();
        if (flight.Count > 0)
        {
            _lastFlight = flight;
            _pause = FirstRetransmission;
            _deadline = now + _pause;
            flight.ForEach(_outgoing.Enqueue);
        }
        if (result == 1)
        {
            _deadline = null; // from here on the peer asks, if it must
            Secrets = DtlsSecrets.Export(_ssl, Role, out var failure);
            Phase = Secrets is null ? DtlsPhase.Failed : DtlsPhase.Done;
            Failure = failure;
            return;
        }
        if (OpenSsl.SSL_get_error(_ssl, result) is not (OpenSsl.ErrorWantRead or OpenSsl.ErrorWantWrite))
        {
            _deadline = null;
            Phase = DtlsPhase.Failed;
            Failure = OpenSsl.TakeError();
        }
    }

    private void Repeat() => _lastFlight.ForEach(_outgoing.Enqueue);

    private List<byte[]> Drain()
    {
        var bytes = stackalloc byte[MaxFlight];
        var length = 0;
        for (int n; (n = OpenSsl.BIO_read(_output, bytes + length, MaxFlight - length)) > 0; )
        {
            length += n;
        }
        return DtlsRecords.Pack(new ReadOnlySpan<byte>(bytes, length), Mtu);
    }

    // Microseconds until OpenSSL would repeat a flight by its own clock: an hour, longer than any handshake lives.
    [UnmanagedCallersOnly]
    private static uint NeverByItself(nint ssl, uint previous) => 3_600_000_000;
}

/// <summary>An <c>SSL</c> with its two BIOs, freed together.</summary>
internal sealed class SslHandle(nint ssl) : SafeHandle(ssl, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.SSL_free(handle);
        return true;
    }
}
