using System.Net.WebSockets;
using System.Text;

namespace Calls.Bench.Service;

/// <summary>A WebSocket client that costs as little as one can: it looks at the type of what comes, and at no more.</summary>
internal sealed class Line : IAsyncDisposable
{
    /// <summary>Whatever takes longer than this has failed.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly byte[] Before = "{\"type\":\""u8.ToArray();

    private readonly ClientWebSocket _socket = new();
    private readonly List<(byte[] Type, Latch Latch)> _expected = [];
    private readonly byte[] _buffer;
    private Task _reading = Task.CompletedTask;

    private Line(int bufferBytes) => _buffer = new byte[bufferBytes];

    /// <summary>Connects; with a token the service is signed in to when this returns.</summary>
    /// <param name="address">The WebSocket's address.</param>
    /// <param name="token">A bearer token, or null.</param>
    /// <param name="bufferBytes">Most bytes of a message that are looked at in one piece.</param>
    public static async Task<Line> Open(Uri address, string? token = null, int bufferBytes = 16 * 1024)
    {
        var line = new Line(bufferBytes);
        var ready = line.Expect("ready");
        if (token is not null)
            line._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        using var patience = new CancellationTokenSource(Deadline);
        await line._socket.ConnectAsync(address, patience.Token);
        line._reading = line.Read();
        if (token is not null)
            await ready.Open;
        return line;
    }

    /// <summary>A latch of its own for the next message of that type.</summary>
    public Latch Expect(string type)
    {
        var latch = new Latch(1);
        Expect(type, latch);
        return latch;
    }

    /// <summary>The next message of that type arrives at the latch.</summary>
    public void Expect(string type, Latch latch)
    {
        lock (_expected)
            _expected.Add((Encoding.ASCII.GetBytes(type), latch));
    }

    public async Task Send(byte[] message) =>
        await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Sends and waits for the reply; an error instead of it never comes to that.</summary>
    public async Task Ask(byte[] message)
    {
        var reply = Expect("reply");
        await Send(message);
        await reply.Open;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private async Task Read()
    {
        var isBeginning = true;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                    return;
                if (isBeginning)
                    Arrived(_buffer.AsSpan(0, received.Count));
                isBeginning = received.EndOfMessage;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Closed from this side, or lost: whoever waits for a message says so.
        }
    }

    private void Arrived(ReadOnlySpan<byte> message)
    {
        if (!message.StartsWith(Before))
            return;
        var type = message[Before.Length..];
        type = type[..type.IndexOf((byte)'"')];
        Latch? found = null;
        lock (_expected)
        {
            for (var i = 0; i < _expected.Count && found is null; i++)
            {
                if (!type.SequenceEqual(_expected[i].Type))
                    continue;
                found = _expected[i].Latch;
                _expected.RemoveAt(i);
            }
        }
        found?.Arrive();
    }
}
