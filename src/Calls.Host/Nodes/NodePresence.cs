using Calls.Actors.Calls;
using Calls.Actors.Cluster;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Actors.Telemetry;
using Calls.Host.Settings;
using Calls.Host.Signalling;
using Calls.Host.Webhooks;
using Calls.Protocol;

namespace Calls.Host.Nodes;

/// <summary>This node among others: where its connections are noted, and who the others are. A node on a store of its own is alone, and notes nothing.</summary>
internal sealed class NodePresence : IWebhookShare, IAsyncDisposable
{
    private readonly IClusterStore? _store;
    private readonly ClusterView? _view;
    private readonly ClusterOutbox? _remote;
    private readonly Func<NodeRecord> _describe;
    private volatile bool _isCutOff;
    private PeerLines? _lines;
    private IActorRef? _cluster;

    private NodePresence(Connections connections, Func<NodeRecord> describe) =>
        (Outbox, _describe) = (new SoleOutbox(connections), describe);

    private NodePresence(IClusterStore store, ClusterView view, ClusterOutbox remote, Func<NodeRecord> describe) =>
        (_store, _view, _remote, Outbox, _describe) = (store, view, remote, remote, describe);

    /// <summary>It gives its calls and users to the others.</summary>
    public bool IsDraining => _view is { IsDraining: true };

    /// <summary>Whether there is another node that could take over what this one has.</summary>
    public bool HasSuccessor => _view is { HasSuccessor: true };

    /// <summary>From now on it takes no new calls, here and as the others see it.</summary>
    public void BeginDraining() => _view!.IsDraining = true;

    /// <summary>Asks another node to drain itself.</summary>
    public void Drain(string node) => _cluster!.Tell(new DrainNode(node));

    /// <summary>The store has not answered for some heartbeats.</summary>
    public bool IsBlind => _view is { IsBlind: true };

    /// <summary>Cut off from the store for so long that the others have taken over its calls: it may have no work until it is back.</summary>
    public bool IsCutOff => _isCutOff;

    /// <summary>Where the actors' words go.</summary>
    public IOutbox Outbox { get; }

    /// <summary>Over how long users are sent to other nodes, so that those are not overrun.</summary>
    private static readonly TimeSpan SendAwayOver = TimeSpan.FromSeconds(1);

    /// <summary>The nodes that live.</summary>
    public IReadOnlyCollection<NodeRecord> Nodes => _view is null ? [_describe()] : _view.Alive;

    public bool IsMine(int shard) => _view is null || _view.Choose(NameOf(shard)) == _view.Own;

    public void Wake(int shard, ChannelId channel) => _remote?.WakeWebhooks(_view!.Choose(NameOf(shard)), channel);

    private static string NameOf(int shard) => $"webhooks/{shard}";

    /// <summary>What call actors see of it.</summary>
    public ICluster Cluster => (ICluster?)_view ?? NoCluster.Instance;

    /// <summary>Alone, or one of those that share the store.</summary>
    public static NodePresence Make(
        NodeRecord record,
        ICallStore store,
        INodeBus? bus,
        Connections connections,
        ActorSystem actors,
        CallMetrics metrics,
        Func<int> sessions,
        TimeProvider time,
        TimeSpan death
    )
    {
        ClusterView? view = null;
        NodeRecord Describe() =>
            record with
            {
                Calls = metrics.Live.Total,
                Sessions = sessions(),
                Connections = connections.Count,
                IsDraining = view is { IsDraining: true },
            };
        if (bus is null || store is not IClusterStore shared)
            return new NodePresence(connections, Describe);
        view = new ClusterView(record.Node, record.Incarnation, time, death);
        var outbox = new ClusterOutbox(view, shared, bus, connections, actors);
        return new NodePresence(shared, view, outbox, Describe);
    }

    /// <summary>Joins the others; ends when it is known who they are, or the store does not say.</summary>
    public async Task Join(
        ActorSystem actors,
        INodeBus bus,
        IActorRef region,
        Connections connections,
        IWebhookReceivers webhooks,
        ClusterSettings settings,
        TimeProvider time,
        Action drain
    )
    {
        _lines = new PeerLines(_view!.Own, (node, its) => _cluster?.Tell(new NodeGone(node, its)), time);
        _cluster = actors.Spawn(
            "cluster",
            () =>
                new ClusterActor(
                    new ClusterEnvironment
                    {
                        Cluster = _view,
                        Store = _store!,
                        Bus = bus,
                        Region = region,
                        Outbox = connections,
                        Webhooks = webhooks,
                        Remote = _remote!,
                        Describe = _describe,
                        Heartbeat = settings.Heartbeat,
                        Death = settings.Death,
                        Drain = drain,
                        Seen = _lines.Follow,
                        CutOff = isCutOff =>
                        {
                            _isCutOff = isCutOff;
                            if (isCutOff)
                                _ = connections.SendAway(SendAwayOver, time);
                        },
                    }
                ),
            new ActorOptions { MailboxCapacity = 100_000 }
        );
        await _cluster.Ask<bool>(to => new Joined(to), Gateway.Deadline);
    }

    public ValueTask DisposeAsync() => _lines?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>The name of a new connection.</summary>
    public string NameConnection(string random) =>
        _view is null ? random : ConnectionId.Make(_view.Own, _view.Incarnation, random);

    /// <summary>From now on events for the user come here, too.</summary>
    public ValueTask Note(UserId user, DeviceId device, string connection, DateTimeOffset now) =>
        _store?.PutConnection(user, new UserConnection(connection, device, now)) ?? ValueTask.CompletedTask;

    /// <summary>No longer.</summary>
    public ValueTask Forget(UserId user, string connection) =>
        _store?.RemoveConnection(user, connection) ?? ValueTask.CompletedTask;
}
