using System.Text.Json;
using Calls.Protocol.Wire.Fields;

namespace Calls.TestKit.Contract;

/// <summary>The AsyncAPI document, asked whether messages are as it says.</summary>
public sealed class SocketContract
{
    private readonly SchemaCheck _closed;
    private readonly SchemaCheck _open;
    private readonly JsonElement _document;
    private readonly HashSet<string> _events;

    public SocketContract(JsonElement document)
    {
        _document = document.Clone();
        _closed = new SchemaCheck(_document, closed: true);
        _open = new SchemaCheck(_document, closed: false);
        _events = Operations("send").SelectMany(MessagesOf).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The names of all requests.</summary>
    public IEnumerable<string> Requests => Operations("receive").SelectMany(MessagesOf);

    /// <summary>What the server may send without having been asked.</summary>
    public IReadOnlySet<string> Events => _events;

    public bool IsRequest(string type) =>
        _document.GetProperty("operations").TryGetProperty(type, out var operation) && ActionOf(operation) == "receive";

    /// <summary>What is wrong with a request.</summary>
    public IReadOnlyList<string> FaultsOfRequest(string type, JsonElement request) =>
        _open.Faults(Payload(type), request);

    /// <summary>What is wrong with a message that came by itself.</summary>
    public IReadOnlyList<string> FaultsOfEvent(JsonElement message) =>
        TypeOf(message) is { } type && _events.Contains(type)
            ? _closed.Faults(Payload(type), message)
            : [$"There is no event {TypeOf(message)}."];

    /// <summary>What is wrong with a reply of which nobody can tell to what it is one: it must be one to something.</summary>
    public IReadOnlyList<string> FaultsOfReply(JsonElement message) =>
        Requests.Select(type => FaultsOfAnswer(type, message)).MinBy(faults => faults.Count) ?? [];

    /// <summary>What is wrong with a message as the answer to a request of a type; null for what has none.</summary>
    public IReadOnlyList<string> FaultsOfAnswer(string? type, JsonElement answer)
    {
        if (type is null || !IsRequest(type))
            return TypeOf(answer) == "error" ? FaultsOfEvent(answer) : [$"A {TypeOf(answer)} to what was no request."];
        var operation = _document.GetProperty("operations").GetProperty(type);
        var faults = operation
            .GetProperty("reply")
            .GetProperty("messages")
            .EnumerateArray()
            .Select(LastPart)
            .Where(name => name == TypeOf(answer) || name.StartsWith($"{TypeOf(answer)}_", StringComparison.Ordinal))
            .Select(name => _closed.Faults(Payload(name), answer))
            .MinBy(f => f.Count);
        if (faults is null)
            return [$"A {type} is not answered by {TypeOf(answer)}."];
        return TypeOf(answer) == "error" ? [.. faults, .. FaultsOfCode(type, operation, answer)] : faults;
    }

    private static IEnumerable<string> FaultsOfCode(string type, JsonElement operation, JsonElement error)
    {
        var code = error.GetProperty("code").GetString();
        var known = operation.GetProperty("x-error-codes").EnumerateArray().Any(c => c.GetString() == code);
        return known ? [] : [$"A {type} is not refused with {code}."];
    }

    public static string? TypeOf(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object
        && message.TryGetProperty("type", out var type)
        && JsonText.TryRead(type, out var name)
            ? name
            : null;

    private JsonElement Payload(string message) =>
        _document.GetProperty("components").GetProperty("messages").GetProperty(message).GetProperty("payload");

    private IEnumerable<JsonElement> Operations(string action) =>
        _document.GetProperty("operations").EnumerateObject().Select(o => o.Value).Where(o => ActionOf(o) == action);

    private static string? ActionOf(JsonElement operation) => operation.GetProperty("action").GetString();

    private static IEnumerable<string> MessagesOf(JsonElement operation) =>
        operation.GetProperty("messages").EnumerateArray().Select(LastPart);

    private static string LastPart(JsonElement reference) => reference.GetProperty("$ref").GetString()!.Split('/')[^1];
}
