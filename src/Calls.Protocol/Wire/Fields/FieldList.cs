using System.Text.Json;
using System.Text.Json.Nodes;

namespace Calls.Protocol.Wire.Fields;

/// <summary>A field that is read: its name, its rule, and whether it may be left out (or null, which is the same).</summary>
/// <param name="Name">The name.</param>
/// <param name="Rule">What may stand in it.</param>
/// <param name="Required">Whether it has to be there.</param>
/// <param name="Text">What it is for, where the name does not say it.</param>
public sealed record Field(string Name, FieldRule Rule, bool Required, string? Text = null);

/// <summary>The fields that a reader asks for, in its order: found by letting it read and taking notes.</summary>
public sealed class FieldList
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}"u8);

    private readonly List<Field> _fields = [];
    private readonly List<string[]> _alternatives = [];

    private FieldList() { }

    public IReadOnlyList<Field> Fields => _fields;

    /// <summary>What <paramref name="reader"/> reads.</summary>
    public static FieldList Of<T>(ObjectReader<T> reader)
    {
        var notes = new FieldList();
        var fields = new FieldReader(Nothing, [], notes: notes);
        _ = reader(ref fields);
        return notes;
    }

    /// <summary>The same without those that stand elsewhere than in the object.</summary>
    public FieldList Without(params ReadOnlySpan<string> names)
    {
        var rest = new FieldList();
        foreach (var field in _fields)
        {
            if (!names.Contains(field.Name))
                rest._fields.Add(field);
        }
        rest._alternatives.AddRange(_alternatives);
        return rest;
    }

    internal void Add(Field field) => _fields.Add(field);

    internal void AddAlternatives(string[] names) => _alternatives.Add(names);

    /// <summary>The object as JSON Schema. Fields that it does not name are allowed, and ignored.</summary>
    public JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (_fields.Count > 0)
            schema["properties"] = new JsonObject(
                _fields.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)SchemaOf(f)))
            );
        if (_fields.Exists(f => f.Required))
            schema["required"] = new JsonArray([.. _fields.Where(f => f.Required).Select(f => (JsonNode)f.Name)]);
        foreach (var names in _alternatives)
            schema.Add("anyOf", new JsonArray([.. names.Select(name => (JsonNode)Given(name))]));
        return schema;
    }

    private static JsonObject SchemaOf(Field field) =>
        field.Required ? field.Rule.Schema() : field.Rule.Schema().OrNull();

    /// <summary>The field is there, and not null.</summary>
    private JsonObject Given(string name) =>
        new()
        {
            ["properties"] = new JsonObject { [name] = _fields.Find(f => f.Name == name)!.Rule.Schema() },
            ["required"] = new JsonArray(name),
        };
}
