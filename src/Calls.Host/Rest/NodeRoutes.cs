using System.Collections.Immutable;
using System.ComponentModel;
using Calls.Actors.Cluster;
using Calls.Host.Contract;
using Calls.Host.Nodes;

namespace Calls.Host.Rest;

/// <summary>The cluster, for operators.</summary>
internal static class NodeRoutes
{
    public static void MapNodeRoutes(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/admin/nodes")
            .RequireUser(admin: true)
            .MapGet("", (CallNode node) => RestReply.Ok(NodesView.Of(node.Presence.Nodes)))
            .Describe(
                new RouteDescription(
                    "nodes",
                    "The nodes that live, as the answering one sees them.",
                    new RouteAnswer(StatusCodes.Status200OK, typeof(NodesView))
                )
            );

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
        int Connections
    )
    {
        public static NodeView Of(NodeRecord node) =>
            new(node.Node, node.Url, node.StartedAt, node.Calls, node.Sessions, node.Connections);
    }
}
