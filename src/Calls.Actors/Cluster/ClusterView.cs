using System.Collections.Frozen;
using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Protocol;

namespace Calls.Actors.Cluster;

/// <summary>This node's view of the others: who lives, by the last heartbeats that were read.</summary>
public sealed class ClusterView(string own, string incarnation, TimeProvider time, TimeSpan death) : ICluster
{
    private FrozenDictionary<string, NodeRecord> _alive = FrozenDictionary<string, NodeRecord>.Empty;

    /// <summary>This node's id.</summary>
    public string Own => own;

    /// <summary>Drawn at this node's start.</summary>
    public string Incarnation => incarnation;

    public bool IsAlone => false;

    /// <summary>The nodes that live, this one among them.</summary>
    public IReadOnlyCollection<NodeRecord> Alive => _alive.Values;

    /// <summary>Whether there is anybody to tell.</summary>
    internal bool HasOthers => _alive.Keys.Any(node => node != own);

    /// <summary>Where messages for other nodes are handed over; set before the first message.</summary>
    internal IActorRef? Actor { get; set; }

    /// <summary>Whether this node's calls are surely its own.</summary>
    internal Certainty Certainty { get; } = new(time, death);

    public bool IsInDoubt(ref long seen) => Certainty.WasLost(ref seen);

    /// <summary>The living node that does something which one of them does.</summary>
    public string Choose(string thing) => _alive.Count == 0 ? own : Rendezvous.Choose(thing, _alive.Keys);

    public bool IsAlive(string node) => node == own || _alive.ContainsKey(node);

    public void Forward(string node, IChannelMessage message) => Actor!.Tell(new ForwardTo(node, message));

    /// <summary>The other living nodes at which users are connected, and who of them is where.</summary>
    internal IEnumerable<(string Node, ImmutableArray<UserId> Users)> NodesOf(
        IReadOnlyDictionary<UserId, IReadOnlyList<UserConnection>> connections
    ) =>
        connections
            .SelectMany(user => user.Value.Where(IsThere).Select(c => (ConnectionId.PlaceOf(c.Id).Node, user.Key)))
            .Where(place => place.Node != own)
            .Distinct()
            .GroupBy(place => place.Node, place => place.Key, StringComparer.Ordinal)
            .Select(node => (node.Key, node.ToImmutableArray()));

    /// <summary>Whether a connection that is noted is at a node that lives, and has not been started anew since.</summary>
    internal bool IsThere(UserConnection connection)
    {
        var (node, at) = ConnectionId.PlaceOf(connection.Id);
        return node == own ? at == incarnation : _alive.TryGetValue(node, out var record) && record.Incarnation == at;
    }

    internal void Show(IReadOnlyCollection<NodeRecord> alive) =>
        Volatile.Write(ref _alive, alive.ToFrozenDictionary(r => r.Node, StringComparer.Ordinal));
}

/// <summary>To the cluster actor: a message for the home of its call.</summary>
internal sealed record ForwardTo(string Node, IChannelMessage Message);
