using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Host.Signalling;
using Calls.Protocol.Contract;
using Calls.Protocol.Wire;

namespace Calls.Host.Contract;

/// <summary>The contract for machines. It needs no token: it says nothing of anybody.</summary>
internal static class ContractRoutes
{
    public static void MapContractRoutes(this IEndpointRouteBuilder app)
    {
        // Made at the first request, when all routes are there, and kept: nothing in them changes.
        var rest = new Lazy<byte[]>(() => Write(OpenApiDocument.Write(Routes(app))));
        var socket = new Lazy<byte[]>(() => Write(AsyncApiDocument.Write(CloseCode.All)));
        app.MapGet("/openapi.json", () => Results.Bytes(rest.Value, "application/json"))
            .Describe(new RouteDescription("openapi", "This document.", new RouteAnswer(200, typeof(JsonObject))));
        app.MapGet("/asyncapi.json", () => Results.Bytes(socket.Value, "application/json"))
            .Describe(
                new RouteDescription("asyncapi", "The WebSocket's document.", new RouteAnswer(200, typeof(JsonObject)))
            );
    }

    private static IEnumerable<RouteEndpoint> Routes(IEndpointRouteBuilder app) =>
        app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    private static byte[] Write(JsonObject document) => JsonSerializer.SerializeToUtf8Bytes(document, WireJson.Options);
}
