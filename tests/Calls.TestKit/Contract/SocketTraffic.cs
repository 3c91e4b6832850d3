using System.Text.Json;

namespace Calls.TestKit.Contract;

/// <summary>Listens to one connection, and notes what is not as the contract says.</summary>
public sealed class SocketTraffic(SocketContract contract)
{
    private readonly Lock _lock = new();
    private readonly List<(string Id, JsonElement Request)> _unanswered = [];
    private readonly List<string> _faults = [];

    /// <summary>What was wrong since the last time this was asked.</summary>
    public IReadOnlyList<string> TakeFaults()
    {
        lock (_lock)
        {
            string[] faults = [.. _faults];
            _faults.Clear();
            return faults;
        }
    }

    /// <summary>The client sends something, of whatever kind.</summary>
    public void Sent(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            if (json.RootElement.ValueKind == JsonValueKind.Object && IdOf(json.RootElement) is { } id)
            {
                lock (_lock)
                    _unanswered.Add((id, json.RootElement.Clone()));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or half a surrogate pair in a name: its error has no id, and is looked at as it comes.
        }
    }

    /// <summary>The server has sent something.</summary>
    public void Received(JsonElement message)
    {
        lock (_lock)
        {
            try
            {
                var faults = Judge(message);
                if (faults.Count > 0)
                    _faults.Add($"{string.Join("; ", faults)}: {message.GetRawText()}");
            }
            catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or NotSupportedException)
            {
                _faults.Add($"cannot be judged, {e}: {message.GetRawText()}");
            }
        }
    }

    private IReadOnlyList<string> Judge(JsonElement message)
    {
        if (IdOf(message) is not { } id)
            return SocketContract.TypeOf(message) == "reply" ? [] : contract.FaultsOfEvent(message);
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

    private static string? IdOf(JsonElement message) =>
        message.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? id.GetRawText()
            : null;
}
