using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>Reads a request's JSON body, bounded as a WebSocket message is.</summary>
internal static class RequestBody
{
    /// <summary>The body as a JSON object (an empty body is an empty object), or what is wrong with it.</summary>
    public static async Task<(JsonObject? Body, Refusal? Refusal)> Read(HttpRequest request)
    {
        var buffer = new byte[RequestParser.MaxBytes + 1];
        var length = 0;
        int read;
        while (
            length < buffer.Length
            && (read = await request.Body.ReadAsync(buffer.AsMemory(length), request.HttpContext.RequestAborted)) > 0
        )
            length += read;
        if (length > RequestParser.MaxBytes)
            return (null, new Refusal(ErrorCode.InvalidMessage, "The body has more than 64 KiB."));
        if (length == 0)
            return ([], null);
        try
        {
            var node = JsonNode.Parse(
                buffer.AsSpan(0, length),
                documentOptions: new JsonDocumentOptions
                {
                    MaxDepth = RequestParser.MaxDepth,
                    // A node refuses them anyway, but only later, when it is looked into.
                    AllowDuplicateProperties = false,
                }
            );
            return node is JsonObject json
                ? (json, null)
                : (null, new Refusal(ErrorCode.InvalidMessage, "The body must be a JSON object."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for a name that holds half a surrogate pair (RFC 8259 §8.2).
            return (
                null,
                new Refusal(
                    ErrorCode.InvalidMessage,
                    $"The body is no JSON of at most {RequestParser.MaxDepth} levels with each field once."
                )
            );
        }
    }
}
