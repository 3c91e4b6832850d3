using Microsoft.AspNetCore.Http.Features;

namespace Calls.Host.Signalling;

/// <summary>
/// The stream below a WebSocket, with pings of our own on it (RFC 6455 §5.5.2). The framework's WebSocket can ping, but on
/// silence it only drops the connection; the contract promises a close code, so pings are sent and pongs seen here.
/// </summary>
internal sealed class HeartbeatStream(Stream inner) : Stream
{
    private static readonly byte[] Ping = [0x89, 0x00];

    private readonly SemaphoreSlim _writing = new(1, 1);
    private FrameScanner _scanner;
    private int _unanswered;

    /// <summary>How many pings in a row have had no answer.</summary>
    public int Unanswered => Volatile.Read(ref _unanswered);

    public async Task SendPing(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _unanswered);
        await WriteAsync(Ping, cancellation);
        await inner.FlushAsync(cancellation);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _scanner.Read(buffer.Span[..read]);
        if (_scanner.TakePong())
            Volatile.Write(ref _unanswered, 0);
        return read;
    }

    /// <summary>
    /// Reads away what still comes until the other side has closed. A connection that is torn down with bytes unread is
    /// reset, and the reset can overtake the close that says why (RFC 6455 §7.1.1).
    /// </summary>
    public async Task Drain(CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        while (!_scanner.SawClose && await ReadAsync(buffer, cancellation) > 0) { }
    }

    /// <summary>A WebSocket writes each frame whole, so a ping between two writes is a ping between two frames.</summary>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Leaves the stream below open, for <see cref="Drain"/>: the server ends it with the request.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _writing.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Follows the frame boundaries of what a client sends, over any split into reads.</summary>
    private struct FrameScanner
    {
        private const int Close = 0x8;
        private const int Pong = 0xA;

        private ulong _payloadLeft;
        private ulong _length;
        private int _headerRead;
        private int _lengthBytesLeft;
        private int _maskBytesLeft;
        private int _opcode;
        private bool _sawPong;

        /// <summary>Whether the client's close has come.</summary>
        public bool SawClose { get; private set; }

        /// <summary>Whether a pong has come since this was asked last.</summary>
        public bool TakePong()
        {
            var saw = _sawPong;
            _sawPong = false;
            return saw;
        }

        public void Read(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                var skipped = (int)Math.Min(_payloadLeft, (ulong)bytes.Length);
                _payloadLeft -= (ulong)skipped;
                bytes = bytes[skipped..];
                if (bytes.IsEmpty)
                    return;
                if (TakeHeaderByte(bytes[0]))
                {
                    SawClose |= _opcode == Close;
                    _sawPong |= _opcode == Pong;
                    (_payloadLeft, _headerRead) = (_length, 0);
                }
                bytes = bytes[1..];
            }
        }

        /// <summary>True when this byte completes a frame's header: opcode, length (7, 16 or 64 bits), and the client's mask.</summary>
        private bool TakeHeaderByte(byte value)
        {
            switch (_headerRead++)
            {
                case 0:
                    _opcode = value & 0x0F;
                    return false;
                case 1:
                    var length = value & 0x7F;
                    _lengthBytesLeft = length switch
                    {
                        126 => 2,
                        127 => 8,
                        _ => 0,
                    };
                    _length = _lengthBytesLeft == 0 ? (ulong)length : 0;
                    _maskBytesLeft = (value & 0x80) != 0 ? 4 : 0;
                    break;
                case var _ when _lengthBytesLeft > 0:
                    _lengthBytesLeft--;
                    _length = (_length << 8) | value;
                    break;
                default:
                    _maskBytesLeft--;
                    break;
            }
            return _lengthBytesLeft + _maskBytesLeft == 0;
        }
    }
}

/// <summary>Puts a <see cref="HeartbeatStream"/> below the WebSocket that the framework accepts on this request.</summary>
internal sealed class HeartbeatUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    /// <summary>The stream, once the request was upgraded.</summary>
    public HeartbeatStream? Stream { get; private set; }

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => Stream = new HeartbeatStream(await inner.UpgradeAsync());
}
