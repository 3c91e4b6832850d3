using System.Buffers;
using System.Text.Json;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>Reads a request's JSON body, bounded in length and depth.</summary>
internal static class RequestBody
{
    /// <summary>Twice what a WebSocket message may have, so that as many users as one may block fit into one body.</summary>
    public const int MaxBytes = 2 * RequestParser.MaxBytes;

    private static readonly JsonElement Empty = JsonElement.Parse("{}"u8);

    // Looking for doubles also unescapes every name, so that none holds half a surrogate pair afterwards.
    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = RequestParser.MaxDepth,
        AllowDuplicateProperties = false,
    };

    /// <summary>The body, an object (an empty body is an empty object), or what is wrong with it.</summary>
    public static async Task<(JsonElement Body, Refusal? Refusal)> Read(HttpRequest request)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
        try
        {
            var length = await request.Body.ReadAtLeastAsync(
                buffer,
                MaxBytes + 1,
                throwOnEndOfStream: false,
                request.HttpContext.RequestAborted
            );
            return length switch
            {
                0 => (Empty, null),
                > MaxBytes => Fail($"The body has more than {MaxBytes / 1024} KiB."),
                _ => Parse(buffer.AsSpan(0, length)),
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the body's fields, and what is wrong with them.</summary>
    /// <param name="elsewhere">Ids that stand in the path or a header; null for one left out.</param>
    public static async Task<(T? Value, Refusal? Refusal)> Read<T>(
        HttpRequest request,
        ObjectReader<T> reader,
        params (string Name, string? Id)[] elsewhere
    )
    {
        var (body, refusal) = await Read(request);
        return refusal is null ? Read(body, reader, elsewhere) : (default, refusal);
    }

    private static (T?, Refusal?) Read<T>(JsonElement body, ObjectReader<T> reader, (string, string?)[] elsewhere)
    {
        var fields = new FieldReader(body, elsewhere);
        var value = reader(ref fields);
        return (fields.Error is null ? value : default, fields.Error);
    }

    private static (JsonElement, Refusal?) Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var body = JsonElement.Parse(utf8, Options);
            return body.ValueKind == JsonValueKind.Object ? (body, null) : Fail("The body must be a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for a name that holds half a surrogate pair (RFC 8259 §8.2).
            return Fail($"The body is no JSON of at most {RequestParser.MaxDepth} levels with each field once.");
        }
    }

    private static (JsonElement, Refusal?) Fail(string error) => (Empty, new Refusal(ErrorCode.InvalidMessage, error));
}
