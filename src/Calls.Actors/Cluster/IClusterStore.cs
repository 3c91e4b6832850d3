using Calls.Protocol;

namespace Calls.Actors.Cluster;

/// <summary>What the nodes of a cluster know of each other and of their users' connections. Lost with a Redis that loses its tail, and told anew by whoever lives.</summary>
public interface IClusterStore
{
    /// <summary>Counts the connections to the store: when it has changed, what was written before may have been lost with a server that failed over.</summary>
    long Epoch { get; }

    /// <summary>Replaces the record of the node.</summary>
    ValueTask PutNode(NodeRecord record);

    /// <summary>All records; those of dead nodes are among them until they are removed.</summary>
    ValueTask<IReadOnlyList<NodeRecord>> ListNodes();

    /// <summary>Forgets a node, unless it has started anew meanwhile.</summary>
    ValueTask RemoveNode(string node, string incarnation);

    /// <summary>Notes that a device is connected.</summary>
    ValueTask PutConnection(UserId user, UserConnection connection);

    /// <summary>Takes that note back. No error if it is not there.</summary>
    ValueTask RemoveConnection(UserId user, string connection);

    /// <summary>The connections noted at these users, also those at nodes that died with them.</summary>
    ValueTask<IReadOnlyDictionary<UserId, IReadOnlyList<UserConnection>>> ListConnections(
        IReadOnlyCollection<UserId> users
    );
}

/// <summary>A signed-in WebSocket somewhere in the cluster.</summary>
/// <param name="Id">Its name in the cluster; see <see cref="ConnectionId"/>.</param>
/// <param name="Device">The device it is of.</param>
/// <param name="At">When it signed in, by its node's clock.</param>
public sealed record UserConnection(string Id, DeviceId Device, DateTimeOffset At);

/// <summary>A connection's name says where it is: <c>NODE/INCARNATION/RANDOM</c>, of which the ids of nodes have no slash.</summary>
public static class ConnectionId
{
    /// <summary>The name of a connection at a node.</summary>
    public static string Make(string node, string incarnation, string random) => $"{node}/{incarnation}/{random}";

    /// <summary>The node and its incarnation.</summary>
    public static (string Node, string Incarnation) PlaceOf(string connection)
    {
        var parts = connection.Split('/');
        return parts.Length == 3 ? (parts[0], parts[1]) : ("", "");
    }
}

/// <summary>Messages from node to node. They may be lost, and nothing that matters may hang on one that was.</summary>
public interface INodeBus : IAsyncDisposable
{
    /// <summary>Sends; returns when it is on its way. Throws nothing: what cannot be sent is lost.</summary>
    ValueTask Send(string node, byte[] message);

    /// <summary>From now on gives what is sent to a node, on any thread, in the order of its arrival.</summary>
    ValueTask Listen(string node, Action<byte[]> heard);
}
