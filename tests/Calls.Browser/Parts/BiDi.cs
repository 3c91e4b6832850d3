using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Browser.Parts;

/// <summary>The least of WebDriver BiDi (W3C) that a test needs: commands and their answers; events are passed over.</summary>
public sealed class BiDi : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> waiting = new();
    private readonly CancellationTokenSource closing = new();
    private Task reading = Task.CompletedTask;
    private int lastId;

    private BiDi() { }

    public static async Task<BiDi> Connect(Uri address)
    {
        var bidi = new BiDi();
        await bidi.socket.ConnectAsync(address, CancellationToken.None);
        bidi.reading = bidi.Read();
        return bidi;
    }

    /// <summary>The result of a command; throws with the browser's own words if it refuses.</summary>
    public async Task<JsonElement> Send(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref lastId);
        var answer = waiting[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var command = new JsonObject
        {
            ["id"] = id,
            ["method"] = method,
            ["params"] = parameters,
        };
        await socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(command),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );
        return await answer.Task.WaitAsync(Eventually.Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await reading;
        socket.Dispose();
        closing.Dispose();
    }

    private async Task Read()
    {
        try
        {
            while (await Receive() is { } message)
            {
                Take(message);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            foreach (var answer in waiting.Values)
            {
                answer.TrySetException(new InvalidOperationException("The browser has gone.", error));
            }
        }
    }

    private void Take(JsonElement message)
    {
        if (!message.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number)
        {
            return;
        }

        if (!waiting.TryRemove(id.GetInt32(), out var answer))
        {
            return;
        }

        if (message.TryGetProperty("result", out var result))
        {
            answer.SetResult(result);
        }
        else
        {
            var words = string.Create(CultureInfo.InvariantCulture, $"{message}");
            answer.SetException(new InvalidOperationException(words));
        }
    }

    private async Task<JsonElement?> Receive()
    {
        using var whole = new MemoryStream();
        var part = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(part.AsMemory(), closing.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            whole.Write(part, 0, received.Count);
            if (received.EndOfMessage)
            {
                return JsonDocument.Parse(whole.ToArray()).RootElement;
            }
        }
    }
}
