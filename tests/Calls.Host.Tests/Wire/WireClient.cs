using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Calls.TestKit.Contract;

namespace Calls.Host.Tests.Wire;

/// <summary>A client with no manners of its own: sends what it is told to, and keeps what comes until a test asks for it.</summary>
public sealed class WireClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonElement> _unread = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly TaskCompletionSource<int> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ids;

    private readonly SocketTraffic _traffic;

    private WireClient(SocketContract contract) => _traffic = new SocketTraffic(contract);

    /// <summary>The close code; fails if the connection just broke.</summary>
    public Task<int> CloseCode => _closed.Task.WaitAsync(WireServer.Deadline);

    public bool IsOpen => !_closed.Task.IsCompleted;

    public string? Subprotocol => _socket.SubProtocol;

    public static async Task<WireClient> Open(
        Uri server,
        string? token = null,
        string query = "",
        string? subprotocol = null
    )
    {
        var client = new WireClient((await ServedContract.Of(server)).Socket);
        if (token is not null)
            client._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        if (subprotocol is not null)
            client._socket.Options.AddSubProtocol(subprotocol);
        client._socket.Options.CollectHttpResponseDetails = true;
        using var patience = new CancellationTokenSource(WireServer.Deadline);
        await client._socket.ConnectAsync(new Uri($"ws://{server.Authority}/ws{query}"), patience.Token);
        _ = client.ReadLoop();
        return client;
    }

    /// <summary>The HTTP status with which an upgrade is refused.</summary>
    public static async Task<int> RefusedWith(Uri server, string? token, string query = "")
    {
        using var socket = new ClientWebSocket();
        if (token is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        socket.Options.CollectHttpResponseDetails = true;
        using var patience = new CancellationTokenSource(WireServer.Deadline);
        await Should.ThrowAsync<WebSocketException>(() =>
            socket.ConnectAsync(new Uri($"ws://{server.Authority}/ws{query}"), patience.Token)
        );
        return (int)socket.HttpStatusCode;
    }

    public Task Send(string text) => Send(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task Send(byte[] bytes, WebSocketMessageType type)
    {
        using var patience = new CancellationTokenSource(WireServer.Deadline);
        if (type == WebSocketMessageType.Text)
            _traffic.Sent(bytes);
        await _socket.SendAsync(bytes, type, endOfMessage: true, patience.Token);
    }

    /// <summary>Sends what may be refused in the middle: a close that comes meanwhile is the test's business, not this one's.</summary>
    public async Task SendUntilClosed(string text)
    {
        try
        {
            await Send(text);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            await _closed.Task.WaitAsync(WireServer.Deadline);
        }
    }

    /// <summary>Makes a request of fields like <c>"channel_id":"x"</c> and gives its answer: the reply or the error.</summary>
    public async Task<JsonElement> Ask(string type, string fields = "")
    {
        var id = Interlocked.Increment(ref _ids) + 1_000_000;
        await Send($$"""{"type":"{{type}}","id":{{id}}{{(fields.Length > 0 ? "," : "")}}{{fields}}}""");
        return await Next(m => HasId(m, id), $"the answer to {type}");
    }

    /// <summary>The CALL of a request that succeeds.</summary>
    public async Task<JsonElement> Call(string type, string channel, string fields = "")
    {
        var more = fields.Length > 0 ? $",{fields}" : "";
        var answer = await Ask(type, $"\"channel_id\":\"{channel}\"{more}");
        answer.Type().ShouldBe("reply", answer.ToString());
        return answer.GetProperty("result").GetProperty("call");
    }

    /// <summary>The code of a request that is refused.</summary>
    public async Task<string?> Refused(string type, string fields)
    {
        var answer = await Ask(type, fields);
        answer.Type().ShouldBe("error", answer.ToString());
        return answer.GetProperty("code").GetString();
    }

    /// <summary>The next message of that type; others stay for later.</summary>
    public Task<JsonElement> Next(string type) => Next(m => m.Type() == type, type);

    public async Task<JsonElement> Next(Predicate<JsonElement> wanted, string what)
    {
        using var patience = new CancellationTokenSource(WireServer.Deadline);
        while (true)
        {
            KeepsTheContract();
            lock (_unread)
            {
                var at = _unread.FindIndex(wanted);
                if (at >= 0)
                {
                    var found = _unread[at];
                    _unread.RemoveAt(at);
                    return found;
                }
            }
            try
            {
                await _news.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException e)
            {
                lock (_unread)
                    throw new TimeoutException($"Waited for {what}; there was: {string.Join('\n', _unread)}", e);
            }
        }
    }

    /// <summary>Takes what has come so far without being asked for. What the server sent before its answer to a ping is there.</summary>
    public async Task<List<JsonElement>> TakeAll()
    {
        await Ask("ping");
        KeepsTheContract();
        lock (_unread)
        {
            var all = _unread.ToList();
            _unread.Clear();
            return all;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        _news.Dispose();
        KeepsTheContract();
        return ValueTask.CompletedTask;
    }

    /// <summary>Everything so far was as the served documents say; else the test fails that has seen it.</summary>
    private void KeepsTheContract() => _traffic.TakeFaults().ShouldBeEmpty("The contract is broken:");

    private async Task ReadLoop()
    {
        var buffer = new byte[256 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                length += received.Count;
                if (!received.EndOfMessage)
                    continue;
                using var json = JsonDocument.Parse(buffer.AsMemory(0, length));
                _traffic.Received(buffer.AsSpan(0, length));
                lock (_unread)
                    _unread.Add(json.RootElement.Clone());
                _news.Release();
                length = 0;
            }
            _closed.TrySetResult((int)_socket.CloseStatus!);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception e)
            when (e is WebSocketException or ObjectDisposedException or OperationCanceledException or JsonException)
        {
            _closed.TrySetException(e);
            _ = _closed.Task.Exception;
        }
    }

    private static bool HasId(JsonElement message, int id) =>
        message.TryGetProperty("id", out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.GetInt32() == id;
}

internal static class WireMessages
{
    public static string? Type(this JsonElement message) => message.GetProperty("type").GetString();

    public static string? Text(this JsonElement message, string field) => message.GetProperty(field).GetString();

    public static IEnumerable<string> Fields(this JsonElement message) =>
        message.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);
}
