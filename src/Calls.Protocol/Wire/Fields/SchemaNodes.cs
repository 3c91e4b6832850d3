using System.Text.Json.Nodes;

namespace Calls.Protocol.Wire.Fields;

/// <summary>Small changes of JSON Schemas.</summary>
public static class SchemaNodes
{
    /// <summary>The schema, which then allows null too.</summary>
    public static JsonObject OrNull(this JsonObject schema)
    {
        if (schema["type"] is not JsonValue type)
            return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        schema["type"] = new JsonArray(type.GetValue<string>(), "null");
        if (schema["enum"] is JsonArray choices)
            choices.Add(null);
        return schema;
    }
}
