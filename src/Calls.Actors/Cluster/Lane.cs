using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Cluster;

/// <summary>To a lane: a message for one node.</summary>
internal sealed record SendTo(string Node, NodeMessage Message);

/// <summary>To a lane: an event for all other nodes at which these users are connected.</summary>
internal sealed record SendToUsers(EventMessage Event);

/// <summary>To a lane: how a call stands, for all other nodes at which its users are connected.</summary>
internal sealed record SendDigest(CallDigest Digest);

/// <summary>
/// Sends in order. What concerns one channel goes through one lane, so that nobody hears of a call's end before its start;
/// looking up where users are connected holds up only that lane.
/// </summary>
internal sealed class Lane(ClusterView cluster, IClusterStore store, INodeBus bus) : Actor
{
    protected internal override async ValueTask Receive(object message)
    {
        switch (message)
        {
            case SendTo direct:
                await bus.Send(direct.Node, NodeJson.Write(direct.Message));
                break;
            case SendToUsers toUsers when cluster.HasOthers:
                await Send(toUsers.Event.Users, users => toUsers.Event with { Users = users });
                break;
            case SendDigest { Digest: var digest } when cluster.HasOthers:
                await Send(digest.Users, users => new DigestMessage(digest with { Users = users }));
                break;
        }
    }

    private async ValueTask Send(ImmutableArray<UserId> to, Func<ImmutableArray<UserId>, NodeMessage> message)
    {
        IReadOnlyDictionary<UserId, IReadOnlyList<UserConnection>> connections;
        try
        {
            connections = await store.ListConnections(to);
        }
        catch (StoreUnavailableException e)
        {
            // They find the gap in the versions, or what their node tells them when the store is back.
            Context.Log.LogWarning(e, "An event could not be told to other nodes");
            return;
        }
        foreach (var (node, users) in cluster.NodesOf(connections))
            await bus.Send(node, NodeJson.Write(message(users)));
    }
}
