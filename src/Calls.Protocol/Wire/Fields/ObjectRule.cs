using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Protocol.Wire.Fields;

/// <summary>Makes something of an object's fields. It goes on after an error: what it makes is not used then.</summary>
public delegate T ObjectReader<out T>(ref FieldReader fields);

/// <summary>An object with fields of its own.</summary>
/// <param name="reader">Reads it.</param>
/// <param name="what">What it is, in words.</param>
public sealed class ObjectRule<T>(ObjectReader<T> reader, string what) : FieldRule<T>
{
    public override string Words => what;

    public override JsonObject Schema() => FieldList.Of(reader).Schema();

    protected override bool Read(JsonElement value, string field, ref Refusal? error, [MaybeNullWhen(false)] out T read)
    {
        read = default;
        if (value.ValueKind != JsonValueKind.Object)
            return false;
        var fields = new FieldReader(value, [], path: $"{field}.");
        read = reader(ref fields);
        error ??= fields.Error;
        return fields.Error is null;
    }
}
