using Calls.Host.Auth;
using Calls.Host.Contract;
using Calls.Host.Nodes;
using Calls.Host.Rest;
using Calls.Host.Telemetry;
using Calls.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace Calls.Host.Signalling;

/// <summary><c>GET /ws</c>: checks what can be checked before the upgrade, then hands the socket to its session.</summary>
internal sealed class SocketEndpoint(
    Gateway gateway,
    CallNode node,
    HostMetrics metrics,
    TimeProvider time,
    IHostApplicationLifetime life,
    ILogger<SocketSession> log
)
{
    /// <summary>The subprotocol of the contract; a client may also name none.</summary>
    public const string Subprotocol = "calls.v1";

    private static readonly Refusal NoUpgrade = new(
        ErrorCode.InvalidMessage,
        "This is a WebSocket: upgrade the connection."
    );

    private readonly IdSource _ids = new();

    public async Task<IResult> Serve(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return RestReply.Error(NoUpgrade);
        DeviceId? device = null;
        if (context.Request.Query.TryGetValue("device_id", out var named))
        {
            if (!IdSyntax.IsValid(named.ToString()))
                return RestReply.Error(Refusals.Invalid("device_id", $"must be an id of {IdSyntax.Rule}"));
            device = new DeviceId(named.ToString());
        }
        Identity? identity = null;
        if (context.Request.Headers.ContainsKey("Authorization"))
        {
            (identity, var refusal) = gateway.Check(Bearer.TokenOf(context.Request));
            if (identity is null)
                return RestReply.Error(refusal!);
        }
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { SubProtocol = offered.Contains(Subprotocol) ? Subprotocol : null }
        );
        var stream = ((HeartbeatUpgrade)context.Features.Get<IHttpUpgradeFeature>()!).Stream!;
        using var connection = new ClientConnection(node.Presence.NameConnection(_ids.Next(8)), time);
        var heartbeat = node.Settings.Policy.Heartbeat;
        var session = new SocketSession(socket, stream, connection, gateway, metrics, heartbeat, time, log);
        metrics.Opened();
        try
        {
            await session.Run(identity, device, life.ApplicationStopping);
        }
        finally
        {
            metrics.Closed(connection.CloseCode?.Code);
        }
        return Results.Empty;
    }
}

internal static class SignallingRoutes
{
    /// <summary>Lets this application ping below the framework's WebSockets (<see cref="HeartbeatStream"/>), whose own pings are off.</summary>
    public static void UseSignalling(this IApplicationBuilder app)
    {
        app.Use(
            (context, next) =>
            {
                if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
                    context.Features.Set<IHttpUpgradeFeature>(new HeartbeatUpgrade(upgrade));
                return next(context);
            }
        );
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
    }

    public static void MapSignalling(this IEndpointRouteBuilder app) =>
        // Hours in a histogram of requests would hide what requests take.
        app.MapGet("/ws", (HttpContext context, SocketEndpoint endpoint) => endpoint.Serve(context))
            .DisableHttpMetrics()
            .WithMetadata(new NotRest("/asyncapi.json describes it"));
}
