using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Protocol.Wire.Fields;

/// <summary>An array whose items follow one rule.</summary>
/// <param name="item">The rule of each.</param>
/// <param name="of">What they are, in words.</param>
/// <param name="min">Fewest items.</param>
/// <param name="max">Most items; as many as the message holds if it is not given.</param>
public sealed class ListRule<T>(FieldRule<T> item, string of, int min = 0, int max = int.MaxValue)
    : FieldRule<ImmutableArray<T>>
{
    public override string Words =>
        max == int.MaxValue ? $"an array of {of}"
        : min == 0 ? $"an array of at most {max} {of}"
        : $"an array of {min} to {max} {of}";

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.Schema() };
        if (min > 0)
            schema["minItems"] = min;
        if (max < int.MaxValue)
            schema["maxItems"] = max;
        return schema;
    }

    protected override bool Read(JsonElement value, string field, ref Refusal? error, out ImmutableArray<T> read)
    {
        read = [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is var length && length > max)
            return false;
        var items = ImmutableArray.CreateBuilder<T>(length);
        foreach (var element in value.EnumerateArray())
        {
            if (!item.TryRead(element, $"{field}[{items.Count}]", ref error, out var one))
                return false;
            items.Add(one);
        }
        read = items.MoveToImmutable();
        return length >= min;
    }
}
