using System.Collections.Immutable;
using System.ComponentModel;
using Calls.Actors.Cluster;
using Calls.Host.Contract;
using Calls.Host.Nodes;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>The cluster, for operators.</summary>
internal static class NodeRoutes
{
    private static readonly Refusal NobodyElse = new(
        ErrorCode.InvalidTransition,
        "There is no other node to take over its calls: start one first, or just stop this one; its calls go on when it is back."
    );

    public static void MapNodeRoutes(this IEndpointRouteBuilder app)
    {
        var nodes = app.MapGroup("/api/admin/nodes").RequireUser(admin: true);
        nodes
            .MapGet("", (CallNode node) => RestReply.Ok(NodesView.Of(node.Presence.Nodes)))
            .Describe(
                new RouteDescription(
                    "nodes",
                    "The nodes that live, as the answering one sees them.",
                    new RouteAnswer(StatusCodes.Status200OK, typeof(NodesView))
                )
            );
        nodes
            .MapPost("{nodeId}/drain", Drain)
            .Describe(
                new RouteDescription(
                    "node_drain",
                    "Has a node give its calls and users to the others and then stop: within a minute.",
                    new RouteAnswer(StatusCodes.Status202Accepted, typeof(NodeView))
                )
                {
                    Refusals = [ErrorCode.InvalidMessage, ErrorCode.InvalidTransition],
                }
            );
    }

    private static IResult Drain(string nodeId, CallNode node, Drain drain)
    {
        var known = node.Presence.Nodes;
        if (known.FirstOrDefault(n => n.Node == nodeId) is not { } named)
        {
            var names = string.Join(", ", known.Select(n => n.Node).Order(StringComparer.Ordinal));
            return RestReply.Error(Refusals.Invalid("node_id", $"names no node that lives; there are: {names}"));
        }
        if (!known.Any(n => n.Node != nodeId && !n.IsDraining))
            return RestReply.Error(NobodyElse);
        if (nodeId == node.Settings.Node.Id)
            drain.Begin();
        else
            node.Presence.Drain(nodeId);
        return RestReply.Ok(NodeView.Of(named with { IsDraining = true }), StatusCodes.Status202Accepted);
    }

    private sealed record NodesView(ImmutableArray<NodeView> Nodes)
    {
        public static NodesView Of(IEnumerable<NodeRecord> nodes) =>
            new([.. nodes.OrderBy(n => n.Node, StringComparer.Ordinal).Select(NodeView.Of)]);
    }

    [Description("One node, as it described itself with its last heartbeat.")]
    private sealed record NodeView(
        string NodeId,
        string Url,
        DateTimeOffset StartedAt,
        int Calls,
        int Sessions,
        int Connections,
        bool Draining
    )
    {
        public static NodeView Of(NodeRecord node) =>
            new(node.Node, node.Url, node.StartedAt, node.Calls, node.Sessions, node.Connections, node.IsDraining);
    }
}
