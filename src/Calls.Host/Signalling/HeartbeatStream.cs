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
        if (_scanner.SawPong(buffer.Span[..read]))
            Volatile.Write(ref _unanswered, 0);
        return read;
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _writing.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Follows the frame boundaries of what a client sends, over any split into reads.</summary>
    private struct FrameScanner
    {
        private ulong _payloadLeft;
        private int _headerLength;
        private int _headerLeft;
        private ulong _length;
        private bool _isPong;

        public bool SawPong(ReadOnlySpan<byte> bytes)
        {
            var saw = false;
            while (!bytes.IsEmpty)
            {
                if (_payloadLeft > 0)
                {
                    var skip = (int)Math.Min(_payloadLeft, (ulong)bytes.Length);
                    _payloadLeft -= (ulong)skip;
                    bytes = bytes[skip..];
                    continue;
                }
                saw |= TakeHeaderByte(bytes[0]) && _isPong;
                bytes = bytes[1..];
            }
            return saw;
        }

        /// <summary>True when this byte completes a frame's header: opcode, length (7, 16 or 64 bits), and the client's mask.</summary>
        private bool TakeHeaderByte(byte value)
        {
            switch (_headerLength++)
            {
                case 0:
                    _isPong = (value & 0x0F) == 0xA;
                    return false;
                case 1:
                    var length = value & 0x7F;
                    var extended = length switch
                    {
                        126 => 2,
                        127 => 8,
                        _ => 0,
                    };
                    _length = extended == 0 ? (ulong)length : 0;
                    _headerLeft = extended + ((value & 0x80) != 0 ? 4 : 0);
                    _lengthBytesLeft = extended;
                    break;
                default:
                    _headerLeft--;
                    if (_lengthBytesLeft > 0)
                    {
                        _lengthBytesLeft--;
                        _length = (_length << 8) | value;
                    }
                    break;
            }
            if (_headerLeft > 0)
                return false;
            _payloadLeft = _length;
            _headerLength = 0;
            return true;
        }

        private int _lengthBytesLeft;
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
