using System.Text.Json;

namespace Calls.TestKit.Contract;

/// <summary>
/// Listens to one connection, and finds what is not as the contract says. Listening costs next to nothing, so that it
/// delays no pong; the judgement comes when it is asked for.
/// </summary>
public sealed class SocketTraffic(SocketContract contract)
{
    private readonly Lock _lock = new();
    private readonly List<(bool FromClient, byte[] Message)> _heard = [];
    private readonly List<(string Id, JsonElement Request)> _unanswered = [];

    /// <summary>The client sends something, of whatever kind.</summary>
    public void Sent(ReadOnlySpan<byte> message) => Hear(fromClient: true, message);

    /// <summary>The server has sent something.</summary>
    public void Received(ReadOnlySpan<byte> message) => Hear(fromClient: false, message);

    /// <summary>What was wrong since the last time this was asked.</summary>
    public IReadOnlyList<string> TakeFaults()
    {
        lock (_lock)
        {
            var faults = new List<string>();
            foreach (var (fromClient, message) in _heard)
            {
                if (fromClient)
                    Note(message);
                else
                    Judge(message, faults);
            }
            _heard.Clear();
            return faults;
        }
    }

    private void Hear(bool fromClient, ReadOnlySpan<byte> message)
    {
        lock (_lock)
            _heard.Add((fromClient, message.ToArray()));
    }

    private void Note(byte[] message)
    {
        try
        {
            var json = JsonElement.Parse(message);
            if (json.ValueKind == JsonValueKind.Object && IdOf(json) is { } id)
                _unanswered.Add((id, json));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or half a surrogate pair in a name: its error has no id, and is looked at as it comes.
        }
    }

    private void Judge(byte[] message, List<string> faults)
    {
        try
        {
            var found = Judge(JsonElement.Parse(message));
            if (found.Count > 0)
                faults.Add($"{string.Join("; ", found)}: {Text(message)}");
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or NotSupportedException)
        {
            faults.Add($"cannot be judged, {e}: {Text(message)}");
        }
    }

    private IReadOnlyList<string> Judge(JsonElement message)
    {
        if (IdOf(message) is not { } id)
            return SocketContract.TypeOf(message) == "reply"
                ? contract.FaultsOfReply(message)
                : contract.FaultsOfEvent(message);
        var at = _unanswered.FindIndex(r => r.Id == id);
        if (at < 0)
            return [$"No request has the id {id}"];
        var request = _unanswered[at].Request;
        _unanswered.RemoveAt(at);
        var type = SocketContract.TypeOf(request);
        var faults = contract.FaultsOfAnswer(type, message);
        // What is carried out must have been a request by the contract.
        return SocketContract.TypeOf(message) == "error"
            ? faults
            : [.. faults, .. contract.FaultsOfRequest(type!, request).Select(f => $"accepted, though {f}")];
    }

    private static string Text(byte[] message) => System.Text.Encoding.UTF8.GetString(message);

    private static string? IdOf(JsonElement message) =>
        message.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? id.GetRawText()
            : null;
}
