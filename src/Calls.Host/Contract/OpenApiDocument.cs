using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Protocol;
using Calls.Protocol.Contract;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Calls.Host.Contract;

/// <summary>
/// The REST side of the contract as OpenAPI 3.1, from the routes that are really there. One that nobody has described
/// stands in it nevertheless, with what the routing knows.
/// </summary>
internal sealed class OpenApiDocument
{
    private const string About = """
        Calls in direct messages, by REST: the same commands as over the WebSocket, which is described by
        `/asyncapi.json`, and what only a chat app's backend may do. A refusal has a code for programs.
        Fields that are not named here may be added at any time, and are to be ignored.
        """;

    private const string Scheme = "token";

    private readonly SchemaBook _book = new();

    private OpenApiDocument() { }

    /// <summary>Writes the document.</summary>
    public static JsonObject Write(IEnumerable<RouteEndpoint> routes)
    {
        var document = new OpenApiDocument();
        var paths = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var route in routes.Where(r => r.Metadata.GetMetadata<NotRest>() is null))
        {
            var path = PathOf(route.RoutePattern);
            var item = paths.TryGetValue(path, out var known) ? known!.AsObject() : [];
            paths[path] = item;
            foreach (var method in MethodsOf(route))
                item[method.ToLowerInvariant()] = document.Describe(route, method, path);
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = ContractInfo.Write("Calls: REST", About),
            ["servers"] = new JsonArray(
                new JsonObject { ["url"] = "/", ["description"] = "Where this document was found." }
            ),
            ["tags"] = new JsonArray([
                .. RouteTags.All.Where(t => paths.Keys.Any(p => RouteTags.Of(p) == t)).Select(t => t.Write()),
            ]),
            ["paths"] = new JsonObject(paths),
            ["components"] = new JsonObject
            {
                ["schemas"] = document._book.Components,
                ["securitySchemes"] = new JsonObject
                {
                    [Scheme] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["bearerFormat"] = "JWT",
                        ["description"] =
                            "The chat app's token of a user; /api/admin wants the scope calls:admin in it.",
                    },
                },
            },
        };
    }

    /// <summary>The methods of a route; those that name none are GET.</summary>
    public static IReadOnlyList<string> MethodsOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];

    /// <summary>The path as the contract writes it: <c>/api/dm/{channel_id}/call</c>.</summary>
    public static string PathOf(RoutePattern pattern) =>
        "/"
        + string.Join(
            '/',
            pattern.PathSegments.Select(segment =>
                string.Concat(
                    segment.Parts.Select(part =>
                        part switch
                        {
                            RoutePatternLiteralPart literal => literal.Content,
                            RoutePatternParameterPart parameter => $"{{{SnakeCase(parameter.Name)}}}",
                            RoutePatternSeparatorPart separator => separator.Content,
                            _ => throw new InvalidOperationException($"{pattern.RawText} has an unknown part."),
                        }
                    )
                )
            )
        );

    private JsonObject Describe(RouteEndpoint route, string method, string path)
    {
        var description =
            route.Metadata.GetMetadata<RouteDescription>()
            ?? new RouteDescription($"{method} {path}", $"{method} {path}");
        var access = route.Metadata.GetMetadata<WantsToken>();
        var parameters = Parameters(route, description);
        var operation = new JsonObject
        {
            ["operationId"] = description.Id,
            ["summary"] = description.Summary,
            ["tags"] = new JsonArray(RouteTags.Of(path).Name),
            ["security"] = access is null
                ? new JsonArray()
                : new JsonArray(new JsonObject { [Scheme] = new JsonArray() }),
        };
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (description.Body is { } body)
            operation["requestBody"] = Body(body);
        operation["responses"] = Responses(description, RefusalsOf(route, description, access));
        return operation;
    }

    private static JsonArray Parameters(RouteEndpoint route, RouteDescription description)
    {
        var path = route.RoutePattern.Parameters.Select(p =>
            Parameter("path", new Field(SnakeCase(p.Name), IdRule.Instance, Required: true))
        );
        var query = description.Query.Select(field => Parameter("query", field));
        var headers = description.Headers.Select(field => Parameter("header", field));
        return new JsonArray([.. path, .. query, .. headers]);
    }

    private static JsonNode Parameter(string place, Field field) =>
        new JsonObject
        {
            ["name"] = field.Name,
            ["in"] = place,
            ["description"] = field.Text ?? $"The {field.Name.Replace('_', ' ')}.",
            ["required"] = field.Required,
            ["schema"] = field.Rule.Schema(),
        };

    /// <summary>An empty body is an empty object, and so it may be missing where no field is required.</summary>
    private static JsonObject Body(FieldList fields) =>
        new() { ["required"] = fields.Fields.Any(f => f.Required), ["content"] = Json(fields.Schema()) };

    private static JsonObject Json(JsonObject schema) =>
        new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    private static HashSet<ErrorCode> RefusalsOf(RouteEndpoint route, RouteDescription description, WantsToken? access)
    {
        var codes = description.Refusals.ToHashSet();
        if (access is not null)
            codes.UnionWith([ErrorCode.Unauthenticated, ErrorCode.TokenExpired]);
        else
            codes.ExceptWith([ErrorCode.Unauthenticated, ErrorCode.TokenExpired]);
        if (access is { Admin: true })
            codes.Add(ErrorCode.Forbidden);
        var reads =
            description.Body is not null || description.Query.Count > 0 || route.RoutePattern.Parameters.Count > 0;
        if (reads)
            codes.Add(ErrorCode.InvalidMessage);
        return codes;
    }

    private JsonObject Responses(RouteDescription description, HashSet<ErrorCode> refusals)
    {
        var responses = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var answers in description.Answers.GroupBy(answer => answer.Status))
            responses[Text(answers.Key)] = Response(TextOf(answers.Key), Answer([.. answers]));
        foreach (var status in refusals.GroupBy(code => code.ToStatus()))
            responses[Text(status.Key)] = Refusal(
                status.Key,
                [.. status.Select(code => code.ToWire()).Order(StringComparer.Ordinal)]
            );
        if (responses.Count == 0)
            responses["default"] = new JsonObject { ["description"] = "Not described." };
        return new JsonObject(responses);
    }

    private static string TextOf(int status) => status < 400 ? "Done." : "Not now.";

    private JsonObject Answer(RouteAnswer[] answers) =>
        answers.Length == 1
            ? Answer(answers[0])
            : new JsonObject { ["anyOf"] = new JsonArray([.. answers.Select(a => (JsonNode)Answer(a))]) };

    private JsonObject Answer(RouteAnswer answer)
    {
        if (answer.Body == typeof(JsonObject))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = true };
        var schema = _book.Reference(answer.Body);
        return answer.OrNull ? schema.OrNull() : schema;
    }

    private JsonObject Refusal(int status, string[] codes)
    {
        var narrowed = new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["code"] = new JsonObject { ["enum"] = new JsonArray([.. codes.Select(c => (JsonNode)c)]) },
            },
        };
        var response = Response(
            string.Join(", ", codes),
            new JsonObject { ["allOf"] = new JsonArray(_book.Reference(typeof(RestErrorView)), narrowed) }
        );
        if (status == StatusCodes.Status429TooManyRequests)
            response["headers"] = Header(
                "Retry-After",
                "Seconds to wait.",
                new() { ["type"] = "integer", ["minimum"] = 0 }
            );
        if (status == StatusCodes.Status401Unauthorized)
            response["headers"] = Header("WWW-Authenticate", "RFC 6750.", new() { ["type"] = "string" });
        return response;
    }

    private static JsonObject Header(string name, string text, JsonObject schema) =>
        new()
        {
            [name] = new JsonObject { ["description"] = text, ["schema"] = schema },
        };

    private static JsonObject Response(string description, JsonObject schema) =>
        new() { ["description"] = description, ["content"] = Json(schema) };

    private static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
