using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Calls.TestKit.Contract;

/// <summary>
/// Holds values against the JSON Schemas of a document. It knows the keywords that the service's documents use, and
/// refuses to judge by any other: a schema that it does not understand must not look as if it were satisfied.
/// </summary>
/// <param name="document">What references lead into.</param>
/// <param name="closed">
/// Whether a field that a schema does not name is a fault. Clients have to bear new fields; a service has to describe
/// what it sends.
/// </param>
public sealed class SchemaCheck(JsonElement document, bool closed)
{
    private static readonly TimeSpan PatternDeadline = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong, with the place; nothing for a value that satisfies the schema.</summary>
    public IReadOnlyList<string> Faults(JsonElement schema, JsonElement value, string place = "")
    {
        var faults = new List<string>();
        foreach (var keyword in schema.EnumerateObject())
            Check(keyword.Name, keyword.Value, schema, value, new Place(place, faults));
        if (closed && IsObjectSchema(schema) && value.ValueKind == JsonValueKind.Object)
            CheckNames(schema, value, new Place(place, faults));
        return faults;
    }

    /// <summary>What a reference of the document leads to.</summary>
    public JsonElement Resolve(string reference)
    {
        var found = document;
        foreach (var part in reference.Split('/').Skip(1))
            found = found.GetProperty(part.Replace("~1", "/").Replace("~0", "~"));
        return found;
    }

    private void Check(string keyword, JsonElement rule, JsonElement schema, JsonElement value, Place at)
    {
        switch (keyword)
        {
            case "$ref":
                at.AddAll(Faults(Resolve(rule.GetString()!), value, at.Name));
                break;
            case "allOf":
                foreach (var part in rule.EnumerateArray())
                    at.AddAll(Faults(part, value, at.Name));
                break;
            case "anyOf":
                CheckAny(rule, value, at);
                break;
            case "type":
                at.Unless(IsOfType(rule, value), $"is {value.ValueKind}, not {rule}");
                break;
            case "const":
                at.Unless(JsonElement.DeepEquals(rule, value), $"is {Short(value)}, not {rule}");
                break;
            case "enum":
                var known = rule.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value));
                at.Unless(known, $"is {Short(value)}, not one of {rule}");
                break;
            case "properties" or "required":
                if (value.ValueKind == JsonValueKind.Object)
                    CheckObject(keyword, rule, value, at);
                break;
            case "items" or "minItems" or "maxItems":
                if (value.ValueKind == JsonValueKind.Array)
                    CheckArray(keyword, rule, value, at);
                break;
            case "minLength" or "maxLength" or "pattern" or "format":
                if (value.ValueKind == JsonValueKind.String)
                    CheckText(keyword, rule, value.GetString()!, at);
                break;
            case "minimum" or "maximum":
                if (value.ValueKind == JsonValueKind.Number)
                    CheckNumber(keyword, rule.GetDouble(), value.GetDouble(), at);
                break;
            case "additionalProperties" when rule.ValueKind == JsonValueKind.True:
            case "description":
                break;
            default:
                throw new NotSupportedException(
                    $"The keyword {keyword} is not known here: teach it, or do without it."
                );
        }
    }

    private void CheckAny(JsonElement rule, JsonElement value, Place at)
    {
        var each = rule.EnumerateArray().Select(one => Faults(one, value, at.Name)).ToList();
        at.Unless(
            each.Exists(f => f.Count == 0),
            $"fits none: {string.Join(" | ", each.Select(f => string.Join(", ", f)))}"
        );
    }

    private void CheckObject(string keyword, JsonElement rule, JsonElement value, Place at)
    {
        if (keyword == "required")
        {
            foreach (var name in rule.EnumerateArray().Select(n => n.GetString()!))
                at.Unless(value.TryGetProperty(name, out _), $"lacks {name}");
            return;
        }
        foreach (var property in rule.EnumerateObject())
        {
            if (value.TryGetProperty(property.Name, out var part))
                at.AddAll(Faults(property.Value, part, $"{at.Name}.{property.Name}"));
        }
    }

    private void CheckArray(string keyword, JsonElement rule, JsonElement value, Place at)
    {
        var length = value.GetArrayLength();
        if (keyword == "minItems")
            at.Unless(length >= rule.GetInt32(), $"has {length} items");
        else if (keyword == "maxItems")
            at.Unless(length <= rule.GetInt32(), $"has {length} items");
        else
            foreach (var (i, item) in value.EnumerateArray().Index())
                at.AddAll(Faults(rule, item, $"{at.Name}[{i}]"));
    }

    private static void CheckText(string keyword, JsonElement rule, string text, Place at)
    {
        // JSON Schema counts code points.
        var length = text.EnumerateRunes().Count();
        var fits = keyword switch
        {
            "minLength" => length >= rule.GetInt32(),
            "maxLength" => length <= rule.GetInt32(),
            "pattern" => Matches(rule.GetString()!, text),
            _ => rule.GetString() != "date-time"
                || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _),
        };
        at.Unless(fits, $"'{(text.Length > 80 ? text[..80] : text)}' breaks {keyword} {rule}");
    }

    private static void CheckNumber(string keyword, double limit, double number, Place at) =>
        at.Unless(keyword == "minimum" ? number >= limit : number <= limit, $"{number} breaks {keyword} {limit}");

    private void CheckNames(JsonElement schema, JsonElement value, Place at)
    {
        if (schema.TryGetProperty("additionalProperties", out _))
            return;
        var known = schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().Select(p => p.Name).ToHashSet(StringComparer.Ordinal)
            : [];
        foreach (var field in value.EnumerateObject())
            at.Unless(known.Contains(field.Name), $"has {field.Name}, which is not described");
    }

    /// <summary>ECMA-262 has no <c>$</c> that overlooks a last line feed.</summary>
    private static bool Matches(string pattern, string text) =>
        Regex.IsMatch(
            text,
            pattern.EndsWith('$') ? $@"{pattern[..^1]}\z" : pattern,
            RegexOptions.ECMAScript,
            PatternDeadline
        );

    private static bool IsObjectSchema(JsonElement schema) =>
        schema.TryGetProperty("type", out var type) && IsType(type, "object");

    private static bool IsType(JsonElement rule, string type) =>
        rule.ValueKind == JsonValueKind.Array
            ? rule.EnumerateArray().Any(one => one.GetString() == type)
            : rule.GetString() == type;

    private static bool IsOfType(JsonElement rule, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => IsType(rule, "object"),
            JsonValueKind.Array => IsType(rule, "array"),
            JsonValueKind.String => IsType(rule, "string"),
            JsonValueKind.True or JsonValueKind.False => IsType(rule, "boolean"),
            JsonValueKind.Null => IsType(rule, "null"),
            JsonValueKind.Number => IsType(rule, "number")
                || (IsType(rule, "integer") && Math.Truncate(value.GetDouble()) == value.GetDouble()),
            _ => false,
        };

    private static string Short(JsonElement value) =>
        value.GetRawText() is { Length: > 80 } text ? text[..80] : value.GetRawText();

    private readonly record struct Place(string Name, List<string> Faults)
    {
        public void Unless(bool fits, string fault)
        {
            if (!fits)
                Faults.Add($"{(Name.Length == 0 ? "it" : Name)} {fault}");
        }

        public void AddAll(IEnumerable<string> faults) => Faults.AddRange(faults);
    }
}
