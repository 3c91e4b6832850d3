using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Protocol.Wire.Fields;

/// <summary>A string of 1 to <paramref name="max"/> characters.</summary>
public sealed class TextRule(int max) : FieldRule<string>
{
    public override string Words => $"a string of 1 to {max} characters";

    // JSON Schema counts code points and this counts UTF-16 code units, so that the schema is never the stricter one.
    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "string",
            ["minLength"] = 1,
            ["maxLength"] = max,
        };

    protected override bool Read(
        JsonElement value,
        string field,
        ref Refusal? error,
        [MaybeNullWhen(false)] out string read
    ) => JsonText.TryRead(value, out read) && read.Length is > 0 && read.Length <= max;
}

/// <summary>An id, as <see cref="IdSyntax"/> has it.</summary>
public sealed class IdRule : FieldRule<string>
{
    /// <summary>There is but one syntax of ids.</summary>
    public static readonly IdRule Instance = new();

    public override string Words => $"an id of {IdSyntax.Rule}";

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "string",
            ["minLength"] = 1,
            ["maxLength"] = IdSyntax.MaxLength,
            ["pattern"] = IdSyntax.Pattern,
        };

    protected override bool Read(
        JsonElement value,
        string field,
        ref Refusal? error,
        [MaybeNullWhen(false)] out string read
    ) => JsonText.TryRead(value, out read) && IdSyntax.IsValid(read);
}

/// <summary>One of a few words, which are the names of <typeparamref name="T"/> in snake_case.</summary>
public sealed class ChoiceRule<T>(params T[] choices) : FieldRule<T>
    where T : struct, Enum
{
    private readonly string[] _names = [.. choices.Select(c => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{c}"))];

    public override string Words => string.Join(" or ", _names.Select(name => $"\"{name}\""));

    public override JsonObject Schema() =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. _names.Select(name => (JsonNode)name)]) };

    protected override bool Read(JsonElement value, string field, ref Refusal? error, out T read)
    {
        var at = JsonText.TryRead(value, out var text) ? Array.IndexOf(_names, text) : -1;
        read = at < 0 ? default : choices[at];
        return at >= 0;
    }
}

/// <summary>Reads JSON strings without ever throwing.</summary>
public static class JsonText
{
    /// <summary>False for what is no string, or one with lone surrogates, which JSON can escape but UTF-8 cannot hold.</summary>
    public static bool TryRead(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (value.ValueKind != JsonValueKind.String)
            return false;
        try
        {
            text = value.GetString();
            return text is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
