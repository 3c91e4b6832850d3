using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Caller.Signalling;

/// <summary>One WebSocket to the service: requests with their answers, and events in their order.</summary>
internal sealed class SignallingConnection : IAsyncDisposable
{
    private const string Subprotocol = "calls.v1";
    private const int MaxMessageLength = 1 << 20; // bytes; an offer for 25 participants has about 30 KB

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Action<SignalledEvent> _onEvent;
    private readonly ISignallingTap? _tap;
    private readonly TimeProvider _clock;
    private Task _receiving = Task.CompletedTask;
    private long _lastId;

    private SignallingConnection(Action<SignalledEvent> onEvent, ISignallingTap? tap, TimeProvider clock)
    {
        _onEvent = onEvent;
        _tap = tap;
        _clock = clock;
        _socket.Options.AddSubProtocol(Subprotocol);
    }

    /// <summary>How it ended, once it has.</summary>
    public SignallingEnd? End { get; private set; }

    /// <summary>Connects; the token goes with the upgrade request, so that <c>ready</c> comes by itself.</summary>
    public static async Task<SignallingConnection> Open(
        Uri server,
        string token,
        string? deviceId,
        Action<SignalledEvent> onEvent,
        Action onEnd,
        ISignallingTap? tap,
        TimeProvider clock,
        CancellationToken stop
    )
    {
        var connection = new SignallingConnection(onEvent, tap, clock);
        try
        {
            connection._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            await connection._socket.ConnectAsync(Address(server, deviceId), stop);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        connection._receiving = connection.Receive(onEnd);
        return connection;
    }

    /// <summary>Sends a request and waits for its one answer.</summary>
    /// <exception cref="CallRefusedException">The server answered with an error.</exception>
    public async Task<JsonElement> Request(string type, JsonObject fields, TimeSpan deadline)
    {
        var id = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            fields["type"] = type;
            fields["id"] = id;
            await Send(JsonSerializer.SerializeToUtf8Bytes(fields));
            if (End is not null)
            {
                throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
            }

            return await answer.Task.WaitAsync(deadline, _clock);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"No answer to {type} within {deadline}.", e);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a text frame as it is.</summary>
    public async Task Send(ReadOnlyMemory<byte> message)
    {
        await _sending.WaitAsync();
        try
        {
            _tap?.Sent(message.Span);
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends it without a word, as a dead battery does.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
        {
            try
            {
                await _socket
                    .CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None)
                    .WaitAsync(TimeSpan.FromSeconds(1), _clock);
                await _receiving.WaitAsync(TimeSpan.FromSeconds(1), _clock);
            }
            catch (Exception e) when (e is WebSocketException or TimeoutException or ObjectDisposedException)
            {
                // The server was quicker, or is gone.
            }
        }

        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
    }

    private static Uri Address(Uri server, string? deviceId)
    {
        var scheme = server.Scheme is "https" or "wss" ? "wss" : "ws";
        return new UriBuilder(server)
        {
            Scheme = scheme,
            Path = "/ws",
            Query = deviceId is null ? "" : $"device_id={Uri.EscapeDataString(deviceId)}",
        }.Uri;
    }

    private async Task Receive(Action onEnd)
    {
        var message = new MemoryStream();
        var buffer = new byte[16_384];
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    End = new SignallingEnd((int?)_socket.CloseStatus, _socket.CloseStatusDescription);
                    break;
                }

                message.Write(buffer, 0, part.Count);
                if (message.Length > MaxMessageLength)
                {
                    End = new SignallingEnd(null, "a message of the server is too long");
                    _socket.Abort();
                    break;
                }

                if (part.EndOfMessage)
                {
                    Take(message.GetBuffer().AsMemory(0, (int)message.Length));
                    message.SetLength(0);
                }
            }
        }
        catch (Exception e)
            when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or JsonException)
        {
            End = new SignallingEnd(null, e.Message);
        }

        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetException(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));
        }

        onEnd();
    }

    private void Take(ReadOnlyMemory<byte> text)
    {
        _tap?.Received(text.Span);
        using var document = JsonDocument.Parse(text);
        var body = document.RootElement.Clone();
        var (type, id) = (Text(body, "type"), Text(body, "id"));
        if (type is not ("reply" or "error"))
        {
            _onEvent(new SignalledEvent(type, body));
            return;
        }

        if (!_waiting.TryGetValue(id, out var answer))
        {
            // An error that answers no request of ours: a test that sends nonsense wants to see it.
            _onEvent(new SignalledEvent(type, body));
        }
        else if (type == "reply")
        {
            answer.TrySetResult(body.TryGetProperty("result", out var result) ? result : default);
        }
        else
        {
            answer.TrySetException(new CallRefusedException(Text(body, "code"), Text(body, "message"), body));
        }
    }

    // A field that is missing is empty: what a faulty server says is shown to the test and does not end the connection.
    private static string Text(JsonElement body, string field) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(field, out var value) ? value.ToString() : "";
}
