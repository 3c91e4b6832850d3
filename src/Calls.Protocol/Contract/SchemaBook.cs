using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Protocol.Contract;

/// <summary>
/// The JSON Schemas of what the service writes, by reflection over the records that are serialised and with the
/// serialiser's own rules. It has only keywords that mean the same in AsyncAPI 3 (draft 7) and OpenAPI 3.1 (2020-12).
/// </summary>
public sealed class SchemaBook
{
    /// <summary>Where both kinds of document keep their schemas.</summary>
    private const string Place = "#/components/schemas/";

    private static readonly string[] Suffixes = ["View", "Event", "Message"];

    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> _types = new(StringComparer.Ordinal);

    /// <summary>What has been referred to so far, for the document's components.</summary>
    public JsonObject Components =>
        new(_schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.DeepClone())));

    /// <summary>A reference to the schema of a record, which then stands in the components.</summary>
    public JsonObject Reference(Type type)
    {
        var name = NameOf(type);
        if (_types.TryAdd(name, type))
            Define(name, Export(type));
        else if (_types[name] != type)
            throw new InvalidOperationException(
                $"{type} and {_types[name]} have the same name in the contract: {name}."
            );
        return Reference(name);
    }

    /// <summary>Puts a schema into the components, and gives a reference to it.</summary>
    public JsonObject Define(string name, JsonObject schema)
    {
        _schemas[name] = schema;
        return Reference(name);
    }

    /// <summary>The name of a record's schema: the record's, without what it is called for the code's sake.</summary>
    public static string NameOf(Type type)
    {
        var suffix = Array.Find(Suffixes, s => type.Name.EndsWith(s, StringComparison.Ordinal)) ?? "";
        return type.Name[..^suffix.Length];
    }

    /// <summary>The schema of any type, with references to the records in it.</summary>
    public JsonObject Export(Type type)
    {
        var options = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Transform(type, context, node),
        };
        return WireJson.Options.GetJsonSchemaAsNode(type, options).AsObject();
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = Place + name };

    private JsonNode Transform(Type root, JsonSchemaExporterContext context, JsonNode node)
    {
        var declared = context.TypeInfo.Type;
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var schema = Describe(root, type, context, node);
        var nullable = context.PropertyInfo is { } property ? IsNullable(property) : type != declared;
        if (context.PropertyInfo?.AttributeProvider is { } provider)
            Narrow(schema, provider);
        // Children of lists have no property of their own: what the property says is about the list.
        if (nullable && context.Path.Length > 0 && context.Path[^1] != "items" && !AllowsNull(schema))
            schema = schema.OrNull();
        if (context.PropertyInfo is { } described && TextOf(described.AttributeProvider) is { } text)
            schema = WithDescription(schema, text);
        return schema;
    }

    private JsonObject Describe(Type root, Type type, JsonSchemaExporterContext context, JsonNode node)
    {
        if (context.TypeInfo.Options.GetConverter(type) is IDescribedConverter converter)
            return converter.Schema(this);
        if (type != root && context.TypeInfo.Kind == JsonTypeInfoKind.Object)
            return Reference(type);
        if (node is not JsonObject schema)
            throw new InvalidOperationException($"Nothing is known of what is written for {type} (in {root}).");
        if (type.IsEnum)
        {
            return new JsonObject
            {
                ["type"] = "string",
                ["enum"] = new JsonArray([.. schema["enum"]!.AsArray().OfType<JsonValue>().Select(v => v.DeepClone())]),
            };
        }
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
            Complete(schema, context.TypeInfo);
        // The exporter says nothing of items that a converter of ours writes, and does not ask.
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Enumerable && !schema.ContainsKey("items"))
            schema["items"] = Items(context.TypeInfo);
        if (schema["type"] is JsonArray types)
            schema["type"] = types[0]!.GetValue<string>();
        // A parameter's default is for those who make the record; on the wire the field is always there.
        schema.Remove("default");
        return schema;
    }

    /// <summary>To the values that a property really has, where its type has more.</summary>
    private static void Narrow(JsonObject schema, ICustomAttributeProvider property)
    {
        var allowed = property.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: true);
        if (allowed.OfType<AllowedValuesAttribute>().FirstOrDefault() is { } only)
            schema["enum"] = new JsonArray([
                .. only.Values.Select(v => JsonSerializer.SerializeToNode(v, WireJson.Options)),
            ]);
    }

    private JsonObject Items(JsonTypeInfo list) =>
        list.Options.GetConverter(list.ElementType!) is IDescribedConverter converter
            ? converter.Schema(this)
            : throw new InvalidOperationException($"Nothing is known of what is written for the items of {list.Type}.");

    /// <summary>What the exporter leaves out: the type's name on the wire, what is always written, what it is.</summary>
    private static void Complete(JsonObject schema, JsonTypeInfo info)
    {
        schema["type"] = "object";
        schema.Remove("required");
        var properties = schema["properties"] as JsonObject ?? [];
        var required = info.Properties.Where(IsAlwaysWritten).Select(p => p.Name).ToList();
        if (WireNameOf(info.Type) is { } name)
        {
            properties.Insert(0, "type", new JsonObject { ["type"] = "string", ["const"] = name });
            required.Insert(0, "type");
        }
        schema["properties"] ??= properties;
        if (required.Count > 0)
            schema["required"] = new JsonArray([.. required.Select(r => (JsonNode)r)]);
        if (TextOf(info.Type) is { } text)
            schema["description"] = text;
    }

    /// <summary>The value of <c>type</c> in a message; null for what is none.</summary>
    public static string? WireNameOf(Type type)
    {
        for (var ancestor = type.BaseType; ancestor is not null; ancestor = ancestor.BaseType)
        {
            var names = ancestor.GetCustomAttributes<JsonDerivedTypeAttribute>();
            if (names.FirstOrDefault(n => n.DerivedType == type) is { TypeDiscriminator: string name })
                return name;
        }
        return null;
    }

    private static JsonIgnoreCondition? Ignored(JsonPropertyInfo property) =>
        property
            .AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true)
            .OfType<JsonIgnoreAttribute>()
            .FirstOrDefault()
            ?.Condition;

    private static bool IsAlwaysWritten(JsonPropertyInfo property) => Ignored(property) is null;

    /// <summary>Whether null is ever written: not where null means that the property is left out.</summary>
    private static bool IsNullable(JsonPropertyInfo property) =>
        Ignored(property) != JsonIgnoreCondition.WhenWritingNull && property.IsGetNullable;

    private static bool AllowsNull(JsonObject schema) => schema["type"] is JsonArray;

    private static string? TextOf(ICustomAttributeProvider? of) =>
        of
            ?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true)
            .OfType<DescriptionAttribute>()
            .FirstOrDefault()
            ?.Description;

    /// <summary>In draft 7 nothing counts beside a reference.</summary>
    private static JsonObject WithDescription(JsonObject schema, string text)
    {
        if (schema.ContainsKey("$ref"))
            schema = new JsonObject { ["allOf"] = new JsonArray(schema) };
        schema["description"] = text;
        return schema;
    }
}
