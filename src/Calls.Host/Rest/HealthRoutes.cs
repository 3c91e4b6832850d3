using Calls.Host.Nodes;

namespace Calls.Host.Rest;

/// <summary>For orchestrators: does it live, and may it have work.</summary>
internal static class HealthRoutes
{
    public static void MapHealthRoutes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => RestReply.Ok(new { Status = "ok" })).DisableHttpMetrics();
        app.MapGet(
                "/readyz",
                async (CallNode node, IHostApplicationLifetime life) =>
                {
                    if (life.ApplicationStopping.IsCancellationRequested)
                        return RestReply.Ok(new { Status = "stopping" }, StatusCodes.Status503ServiceUnavailable);
                    return await node.Store.IsHealthy()
                        ? RestReply.Ok(new { Status = "ready" })
                        : RestReply.Ok(new { Status = "store unavailable" }, StatusCodes.Status503ServiceUnavailable);
                }
            )
            .DisableHttpMetrics();
    }
}
