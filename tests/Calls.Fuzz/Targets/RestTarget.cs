using Calls.Fuzz.Engine;
using Calls.Host.Rest;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;
using Microsoft.AspNetCore.Http;

namespace Calls.Fuzz.Targets;

/// <summary>Bodies of REST: read as each kind of body that there is.</summary>
internal sealed class RestTarget : SingleInputTarget
{
    private static readonly ObjectReader<object?>[] Readers =
    [
        (ref f) => (f.Kind(), f.Members("members")),
        (ref f) => (f.SomeMembers("add"), f.SomeUsers("remove")),
        (ref f) => (f.User(), f.Name(), f.Flag("admin")),
        (ref f) => (f.Users("call_ids", 100), f.Command()),
    ];

    private readonly List<(object? Value, Refusal? Refusal)> _read = [];

    public override string Name => "rest";

    // All of it, for each of the readers, and a request around it.
    public override long MaxAllocated(int length) => (256 * 1024) + (64L * length);

    public override byte[] Make(Random chance, Corpus corpus) => Json.Mutate(chance, corpus);

    protected override void Read(byte[] input)
    {
        _read.Clear();
        foreach (var reader in Readers)
        {
            var reading = RequestBody.Read(Request(input), reader);
            Require(reading.IsCompleted, "waits for more than there is");
            _read.Add(reading.Result);
        }
        var (body, refusal) = RequestBody.Read(Request(input)).Result;
        if (refusal is not null)
        {
            return;
        }
        foreach (var type in RequestParser.Types)
        {
            var parsed = RequestParser.Parse(type, body, ("channel_id", "dm-1"), ("command_id", null));
            _read.Add((parsed.Request, parsed.Error));
        }
    }

    protected override void Examine(byte[] input)
    {
        foreach (var (value, refusal) in _read)
        {
            Require(value is null != refusal is null, "neither a body nor a refusal, or both");
            Require(
                refusal is null || WireJson.WriteRestError(refusal).Length < 8 * 1024,
                "a refusal that repeats all"
            );
        }
    }

    private static HttpRequest Request(byte[] body) =>
        new DefaultHttpContext { Request = { Body = new MemoryStream(body) } }.Request;
}
