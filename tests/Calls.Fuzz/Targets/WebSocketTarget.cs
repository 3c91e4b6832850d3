using System.Buffers.Binary;
using System.Net.WebSockets;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Host.Signalling;
using Calls.Protocol.Wire;

namespace Calls.Fuzz.Targets;

/// <summary>What a client sends over an upgraded connection, cut anyhow: the stream that watches for pongs, the framework's WebSocket on it, and the messages that come out.</summary>
internal sealed class WebSocketTarget : SingleInputTarget
{
    private const int Head = 4; // the seed of the cuts

    private readonly byte[] _buffer = new byte[RequestParser.MaxBytes + 1];

    public override string Name => "websocket";

    // A WebSocket with its buffers, and each message as a document.
    public override long MaxAllocated(int length) => (256 * 1024) + (64L * length);

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var head = new byte[Head];
        chance.NextBytes(head);
        return [.. head, .. Bytes.Mutate(chance, corpus.Pick(chance), corpus.Entries)];
    }

    protected override void Read(byte[] input)
    {
        if (input.Length < Head)
        {
            return;
        }
        var chance = new Random(BinaryPrimitives.ReadInt32LittleEndian(input));
        var stream = new HeartbeatStream(new CutStream(input.AsMemory(Head), chance));
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        try
        {
            ReadMessages(socket);
        }
        catch (WebSocketException)
        {
            // How the framework says that what came breaks the framing; the session takes it as the end.
        }
        var drain = stream.Drain(CancellationToken.None);
        Require(drain.IsCompletedSuccessfully, "does not come to the end of what was sent");
    }

    // As SocketSession does it, without anybody who answers.
    private void ReadMessages(WebSocket socket)
    {
        var length = 0;
        while (true)
        {
            var reading = socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).AsTask();
            var received = reading.GetAwaiter().GetResult();
            length += received.Count;
            if (received.MessageType != WebSocketMessageType.Text || length > RequestParser.MaxBytes)
            {
                return;
            }
            if (received.EndOfMessage)
            {
                RequestParser.Parse(_buffer.AsMemory(0, length));
                length = 0;
            }
        }
    }

    /// <summary>Gives what there is in pieces, and takes what is written to nowhere.</summary>
    private sealed class CutStream(ReadOnlyMemory<byte> bytes, Random chance) : Stream
    {
        private ReadOnlyMemory<byte> _rest = bytes;

        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var length = Math.Min(
                Math.Min(buffer.Length, _rest.Length),
                1 + chance.Next(chance.Next(2) == 0 ? 3 : 2_000)
            );
            _rest.Span[..length].CopyTo(buffer);
            _rest = _rest[length..];
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));

        public override void Write(byte[] buffer, int offset, int count) { }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => ValueTask.CompletedTask;

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
