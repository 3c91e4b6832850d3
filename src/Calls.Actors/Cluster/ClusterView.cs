using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Protocol;

namespace Calls.Actors.Cluster;

/// <summary>This node's view of the others: who lives, by the last heartbeats that were read.</summary>
public sealed class ClusterView(string own, string incarnation, TimeProvider time, TimeSpan death) : ICluster
{
    /// <summary>So much less another node must have to do to be worth the way there and back: the heartbeats' figures are half a second old.</summary>
    private const int Slack = 8;

    private readonly ConcurrentDictionary<string, int> _placed = new(StringComparer.Ordinal);
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

    /// <summary>Whether the store has not answered for so long that others may take this node for dead soon.</summary>
    public bool IsBlind => Certainty.Blind > death / 2;

    public bool IsInDoubt(ref long seen) => Certainty.WasLost(ref seen);

    /// <summary>This node is to have no calls any more.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Whether another node could take over calls of this one.</summary>
    public bool HasSuccessor => _alive.Values.Any(n => n.Node != own && !n.IsDraining);

    public string Place()
    {
        var best = own;
        var least = IsDraining ? int.MaxValue : LoadOf(own) - Slack;
        foreach (var node in _alive.Values)
        {
            if (node.Node != own && !node.IsDraining && LoadOf(node.Node) is var load && load < least)
                (best, least) = (node.Node, load);
        }
        _placed.AddOrUpdate(best, 1, (_, placed) => placed + 1);
        return best;
    }

    /// <summary>What a node forwards for, by its last heartbeat, and what was given to it from here since.</summary>
    private int LoadOf(string node) =>
        (_alive.TryGetValue(node, out var record) ? record.Sessions + record.Calls : 0)
        + _placed.GetValueOrDefault(node);

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

    internal void Show(IReadOnlyCollection<NodeRecord> alive)
    {
        Volatile.Write(ref _alive, alive.ToFrozenDictionary(r => r.Node, StringComparer.Ordinal));
        _placed.Clear();
    }
}

/// <summary>To the cluster actor: a message for the home of its call.</summary>
internal sealed record ForwardTo(string Node, IChannelMessage Message);
