using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Protocol.Contract;

/// <summary>Why the server closes a connection.</summary>
public readonly record struct CloseReason(int Code, string Reason);

/// <summary>The WebSocket's side of the contract as AsyncAPI 3.0: every request, every event, and what answers what.</summary>
public sealed class AsyncApiDocument
{
    /// <summary>The key of the one channel.</summary>
    public const string Channel = "calls";

    /// <summary>Under each operation: the codes with which it may be refused.</summary>
    public const string ErrorCodesKey = "x-error-codes";

    private const string About = """
        Signalling of calls in direct messages: one JSON object per text frame. A client signs in, hears the whole state
        in `ready`, makes requests, each of which has one answer with its `id`, and is told of what happens by events.
        Fields that are not named here may be added at any time, and are to be ignored.
        """;

    private const string SigningIn = """
        The chat app's JSON Web Token: either in the header `Authorization: Bearer TOKEN` of the upgrade request, after
        which `ready` comes by itself, or in the message `authenticate`, the first one and within 5 s.
        """;

    private readonly SchemaBook _book = new();
    private readonly SortedDictionary<string, JsonObject> _messages = new(StringComparer.Ordinal);
    private readonly JsonObject _operations = [];

    private AsyncApiDocument() { }

    /// <summary>All types of <see cref="ServerEvent"/>, by their names on the wire.</summary>
    public static IReadOnlyDictionary<string, Type> Events { get; } =
        typeof(ServerEvent)
            .GetCustomAttributes<JsonDerivedTypeAttribute>()
            .ToDictionary(d => (string)d.TypeDiscriminator!, d => d.DerivedType, StringComparer.Ordinal);

    /// <summary>Writes the document.</summary>
    public static JsonObject Write(IEnumerable<CloseReason> closes)
    {
        var document = new AsyncApiDocument();
        foreach (var (name, type) in Events.OrderBy(e => e.Key, StringComparer.Ordinal))
            document.AddEvent(name, type);
        document.AddMessage("error", document._book.Reference(typeof(ErrorMessage)), TextOf(typeof(ErrorMessage)));
        foreach (var request in RequestDescription.All.Values)
            document.AddRequest(request);
        document.AddOperation("error", "send", "Refuses a message that could not be read as a request.", ["error"]);
        return document.Assemble(closes);
    }

    private JsonObject Assemble(IEnumerable<CloseReason> closes) =>
        new()
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = ContractInfo.Write("Calls: WebSocket", About),
            ["defaultContentType"] = "application/json",
            ["servers"] = new JsonObject
            {
                ["secure"] = Server("wss", "Behind TLS."),
                ["plain"] = Server("ws", "Without TLS: in development, or behind a proxy."),
            },
            ["channels"] = new JsonObject { [Channel] = DescribeChannel(closes) },
            ["operations"] = _operations,
            ["components"] = new JsonObject
            {
                ["schemas"] = _book.Components,
                ["messages"] = new JsonObject(_messages.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
                ["correlationIds"] = new JsonObject
                {
                    ["request"] = new JsonObject
                    {
                        ["description"] = "An answer repeats its request's id as it was given.",
                        ["location"] = "$message.payload#/id",
                    },
                },
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["bearerFormat"] = "JWT",
                        ["description"] = SigningIn,
                    },
                },
            },
        };

    private static JsonObject Server(string protocol, string description) =>
        new()
        {
            ["host"] = "{host}",
            ["protocol"] = protocol,
            ["description"] = description,
            ["variables"] = new JsonObject
            {
                ["host"] = new JsonObject
                {
                    ["description"] = "Where this document was found.",
                    ["default"] = "localhost:8080",
                },
            },
            ["security"] = new JsonArray(Ref("#/components/securitySchemes/token")),
        };

    private JsonObject DescribeChannel(IEnumerable<CloseReason> closes) =>
        new()
        {
            ["address"] = "/ws",
            ["title"] = "The connection of one device",
            [
                "description"
            ] = $"""
                At most {RequestParser.MaxBytes} bytes and {RequestParser.MaxDepth} levels a message. The server sends WebSocket pings, which are to be
                answered. It closes with:

                {string.Join(
                    '\n',
                    closes.Select(c => string.Create(CultureInfo.InvariantCulture, $"- {c.Code}: {c.Reason}"))
                )}
                """,
            ["messages"] = new JsonObject(
                _messages.Keys.Select(name =>
                    KeyValuePair.Create(name, (JsonNode?)Ref($"#/components/messages/{name}"))
                )
            ),
            ["bindings"] = new JsonObject { ["ws"] = Upgrade() },
        };

    private static JsonObject Upgrade() =>
        new()
        {
            ["method"] = "GET",
            ["query"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["device_id"] = IdRule.Instance.Schema() },
            },
            ["headers"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject
                {
                    ["Authorization"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[Bb]earer .+$" },
                    ["Sec-WebSocket-Protocol"] = new JsonObject { ["type"] = "string", ["const"] = "calls.v1" },
                },
            },
            ["bindingVersion"] = "0.1.0",
        };

    private void AddEvent(string name, Type type)
    {
        var text = TextOf(type);
        AddMessage(name, _book.Reference(type), text);
        AddOperation(name, "send", text, [name]);
    }

    private void AddRequest(RequestDescription request)
    {
        AddMessage(request.Name, _book.Define(SchemaNameOf(request.Name), RequestSchema(request)), request.Summary);
        string[] answers = [ReplyTo(request), "error"];
        var operation = AddOperation(request.Name, "receive", request.Summary, [request.Name]);
        operation["reply"] = new JsonObject
        {
            ["channel"] = Ref($"#/channels/{Channel}"),
            ["messages"] = Refs(answers),
        };
        operation[ErrorCodesKey] = new JsonArray([.. request.Refusals.Select(code => (JsonNode)code.ToWire())]);
    }

    /// <summary>The request's own fields, with what all requests have.</summary>
    private JsonObject RequestSchema(RequestDescription request)
    {
        var schema = request.Fields.Schema();
        schema["description"] = request.Summary;
        var properties = schema["properties"] as JsonObject ?? [];
        schema["properties"] ??= properties;
        properties.Insert(0, "type", new JsonObject { ["type"] = "string", ["const"] = request.Name });
        properties.Insert(1, "id", RequestParser.RequestIdSchema().OrNull());
        var required = schema["required"] as JsonArray ?? [];
        schema["required"] ??= required;
        required.Insert(0, "type");
        return schema;
    }

    /// <summary>The message that carries a request's result; requests with the same kind of result share it.</summary>
    private string ReplyTo(RequestDescription request)
    {
        if (SchemaBook.WireNameOf(request.Result) is { } instead)
            return instead;
        var name = $"reply_{JsonNamingPolicy.SnakeCaseLower.ConvertName(request.Result.Name)}";
        if (!_messages.ContainsKey(name))
        {
            var schema = _book.Export(typeof(ReplyMessage));
            schema["properties"]!["result"] = _book.Reference(request.Result);
            AddMessage(name, _book.Define(SchemaNameOf(name), schema), TextOf(request.Result));
        }
        return name;
    }

    private void AddMessage(string name, JsonObject payload, string summary) =>
        _messages[name] = new JsonObject
        {
            ["name"] = name,
            ["summary"] = summary,
            ["correlationId"] = Ref("#/components/correlationIds/request"),
            ["payload"] = payload,
        };

    private JsonObject AddOperation(string name, string action, string summary, string[] messages)
    {
        var operation = new JsonObject
        {
            ["action"] = action,
            ["channel"] = Ref($"#/channels/{Channel}"),
            ["summary"] = summary,
            ["messages"] = Refs(messages),
        };
        _operations[name] = operation;
        return operation;
    }

    private static JsonArray Refs(IEnumerable<string> messages) =>
        new([.. messages.Select(name => (JsonNode)Ref($"#/channels/{Channel}/messages/{name}"))]);

    private static JsonObject Ref(string place) => new() { ["$ref"] = place };

    private static string SchemaNameOf(string message) =>
        string.Concat(message.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]))
        + (message.StartsWith("reply_", StringComparison.Ordinal) ? "" : "Request");

    private static string TextOf(Type type) =>
        type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? SchemaBook.NameOf(type);
}
