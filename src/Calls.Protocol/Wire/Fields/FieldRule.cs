using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Protocol.Wire.Fields;

/// <summary>
/// What may stand in a field. One object tells it to the parser, to the JSON Schema and, in words, to the client that
/// got it wrong, so that the three cannot differ.
/// </summary>
public abstract class FieldRule
{
    /// <summary>What is expected, to stand after "must be".</summary>
    public abstract string Words { get; }

    /// <summary>The same as JSON Schema, made anew: a node has one parent.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A rule and the value that is made of what follows it.</summary>
public abstract class FieldRule<T> : FieldRule
{
    /// <summary>Reads a value; false, and <paramref name="error"/> if there was none before, when it breaks the rule.</summary>
    /// <param name="field">What to call it in the error.</param>
    public bool TryRead(JsonElement value, string field, ref Refusal? error, [MaybeNullWhen(false)] out T read)
    {
        var known = error;
        if (Read(value, field, ref error, out read))
            return true;
        // A rule that knows which part is wrong has said so.
        if (ReferenceEquals(known, error))
            error ??= Refusals.Invalid(field, $"must be {Words}");
        return false;
    }

    protected abstract bool Read(
        JsonElement value,
        string field,
        ref Refusal? error,
        [MaybeNullWhen(false)] out T read
    );
}
