using Calls.Host.Contract;
using Calls.Host.Nodes;

namespace Calls.Host.Rest;

/// <summary>For orchestrators: does it live, and may it have work.</summary>
internal static class HealthRoutes
{
    public static void MapHealthRoutes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => RestReply.Ok(new HealthView("ok")))
            .Describe(new RouteDescription("healthz", "Whether it lives.", new RouteAnswer(200, typeof(HealthView))))
            .DisableHttpMetrics();
        app.MapGet("/readyz", Ready)
            .Describe(
                new RouteDescription(
                    "readyz",
                    "Whether it may have work.",
                    new RouteAnswer(200, typeof(HealthView)),
                    new RouteAnswer(503, typeof(HealthView))
                )
            )
            .DisableHttpMetrics();
    }

    private static async Task<IResult> Ready(CallNode node, IHostApplicationLifetime life)
    {
        if (life.ApplicationStopping.IsCancellationRequested)
            return RestReply.Ok(new HealthView("stopping"), StatusCodes.Status503ServiceUnavailable);
        if (node.Presence.IsDraining)
            return RestReply.Ok(new HealthView("draining"), StatusCodes.Status503ServiceUnavailable);
        if (node.Presence.IsCutOff)
            return RestReply.Ok(new HealthView("cut off"), StatusCodes.Status503ServiceUnavailable);
        return await node.Store.IsHealthy()
            ? RestReply.Ok(new HealthView("ready"))
            : RestReply.Ok(new HealthView("store unavailable"), StatusCodes.Status503ServiceUnavailable);
    }

    private sealed record HealthView(string Status);
}
