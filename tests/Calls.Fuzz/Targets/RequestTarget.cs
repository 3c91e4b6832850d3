using System.Text.Json;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Protocol.Wire;

namespace Calls.Fuzz.Targets;

/// <summary>Messages of the WebSocket: a request or a refusal, and an answer that repeats the id and is JSON whatever that was.</summary>
internal sealed class RequestTarget : SingleInputTarget
{
    private ParsedRequest _parsed;

    public override string Name => "request";

    // A document of JSON, its strings, and the request's own.
    public override long MaxAllocated(int length) => (32 * 1024) + (24L * length);

    public override byte[] Make(Random chance, Corpus corpus) => Json.Mutate(chance, corpus);

    protected override void Read(byte[] input) => _parsed = RequestParser.Parse(input);

    protected override void Examine(byte[] input)
    {
        Require(_parsed.Request is null != _parsed.Error is null, "neither a request nor a refusal, or both");
        var answer = _parsed.Error is { } refusal
            ? WireJson.WriteError(_parsed.Id, refusal)
            : WireJson.WriteReply(_parsed.Id, "{}"u8.ToArray());
        using var read = JsonDocument.Parse(answer);
        Require(answer.Length < 8 * 1024, "an answer that repeats what was sent");
    }
}

/// <summary>Changes of JSON: of its text mostly, of its bytes sometimes, and nesting.</summary>
internal static class Json
{
    public static byte[] Mutate(Random chance, Corpus corpus)
    {
        var message = corpus.Pick(chance);
        return chance.Next(6) switch
        {
            0 => Bytes.Mutate(chance, message, corpus.Entries),
            1 => Nest(chance, message),
            _ => Text.Mutate(chance, message, corpus.Entries, ",,:\"{}"),
        };
    }

    private static byte[] Nest(Random chance, byte[] message)
    {
        var depth = chance.Next(3) == 0 ? chance.Next(20_000) : chance.Next(80);
        var (open, close) =
            chance.Next(2) == 0 ? ("["u8.ToArray(), "]"u8.ToArray()) : ("{\"type\":"u8.ToArray(), "}"u8.ToArray());
        var nested = new List<byte>();
        for (var i = 0; i < depth; i++)
        {
            nested.AddRange(open);
        }
        nested.AddRange(message);
        for (var i = 0; i < depth; i++)
        {
            nested.AddRange(close);
        }
        return [.. nested];
    }
}
