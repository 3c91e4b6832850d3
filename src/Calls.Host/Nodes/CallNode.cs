using Calls.Actors.Calls;
using Calls.Actors.Cluster;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Actors.Sharding;
using Calls.Actors.Telemetry;
using Calls.Host.Settings;
using Calls.Host.Signalling;
using Calls.Host.Webhooks;
using Calls.Media;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Nodes;

/// <summary>One node: its store, its actors, its SFU. Started before the first request, stopped after the last.</summary>
internal sealed class CallNode : IAsyncDisposable
{
    private readonly ActorSystem _actors;
    private readonly MediaBinding _media;
    private readonly CallMetrics _metrics;
    private readonly WebhookSender _webhooks;
    private readonly INodeBus? _bus;

    private CallNode(
        CallsSettings settings,
        ICallStore store,
        ActorSystem actors,
        MediaBinding media,
        CallMetrics metrics,
        WebhookSender webhooks,
        NodePresence presence,
        INodeBus? bus,
        IceServerList iceServers,
        IActorRef region
    )
    {
        (Settings, Store, _actors, _media, _bus) = (settings, store, actors, media, bus);
        (_metrics, _webhooks, Presence, IceServers, Region) = (metrics, webhooks, presence, iceServers, region);
    }

    public CallsSettings Settings { get; }

    public ICallStore Store { get; }

    /// <summary>This node among others.</summary>
    public NodePresence Presence { get; }

    /// <summary>Takes every message for a call.</summary>
    public IActorRef Region { get; }

    public MediaServer Media => _media.Server;

    /// <summary>Calls whose home is here.</summary>
    public int LiveCalls => _metrics.Live.Total;

    /// <summary>Told when another node passes on that this one is to be drained; set once the process can.</summary>
    public Action DrainAsked { get; set; } = () => { };

    /// <summary>What clients are told of STUN and TURN.</summary>
    public IceServerList IceServers { get; }

    /// <summary>Starts the node on an opened store; calls that were live go on.</summary>
    /// <param name="settings">How it is set.</param>
    /// <param name="store">What it keeps calls in; the node owns it.</param>
    /// <param name="bus">Carries messages from and to the other nodes on the same store; null for a node that is alone.</param>
    /// <param name="connections">Its clients.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Where ids come from.</param>
    /// <param name="logs">Where it logs.</param>
    public static async Task<CallNode> Start(
        CallsSettings settings,
        ICallStore store,
        INodeBus? bus,
        Connections connections,
        TimeProvider time,
        Random random,
        ILoggerFactory logs
    )
    {
        var media = new MediaBinding(logs.CreateLogger("Calls.Media"));
        var actors = new ActorSystem(TaskScheduler.Default, time, random, logs.CreateLogger("Calls.Actors"));
        var metrics = new CallMetrics();
        metrics.Observe(actors);
        var record = new NodeRecord(
            settings.Node.Id,
            new IdSource().Next(8),
            Beat: 0,
            settings.Node.Url?.ToString() ?? "",
            time.GetUtcNow(),
            Calls: 0,
            Sessions: 0,
            Connections: 0
        );
        var presence = NodePresence.Make(
            record,
            store,
            bus,
            connections,
            actors,
            metrics,
            () => media.SessionCount,
            time,
            settings.Cluster.Death
        );
        var webhooks = new WebhookSender(
            settings.Webhooks,
            settings.WebhooksBacklog,
            store,
            WebhookPoster.NewHandler(),
            time,
            random,
            logs.CreateLogger("Calls.Webhooks"),
            presence
        );
        var iceServers = new IceServerList(settings.IceServers, time);
        var environment = new CallEnvironment
        {
            Node = settings.Node.Id,
            Store = store,
            Policy = PolicyOf(settings.Policy),
            Outbox = presence.Outbox,
            Cluster = presence.Cluster,
            Media = media,
            Time = time,
            Random = random,
            IceServersFor = iceServers.For,
            StoreName = settings.Store == StoreKind.Redis ? "redis" : "embedded",
            Metrics = metrics,
            Webhooks = webhooks,
        };
        var region = actors.Spawn("region", () => new CallRegion(environment), RegionOptions);
        media.Start(MediaOptionsOf(settings, bus is not null), region, time);
        var node = new CallNode(settings, store, actors, media, metrics, webhooks, presence, bus, iceServers, region);
        if (bus is not null)
            await presence.Join(
                actors,
                bus,
                region,
                connections,
                webhooks,
                settings.Cluster,
                time,
                () => node.DrainAsked()
            );
        // Not before it is known who else sends them.
        webhooks.Start();
        return node;
    }

    /// <summary>Everything for any call goes through the region, which only hands on: its mailbox holds what a full node says in a second.</summary>
    private static readonly ActorOptions RegionOptions = new() { MailboxCapacity = 100_000 };

    public async ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        await _actors.DisposeAsync();
        await Presence.DisposeAsync();
        await _media.DisposeAsync();
        await _webhooks.DisposeAsync();
        if (_bus is not null)
            await _bus.DisposeAsync();
        await Store.DisposeAsync();
    }

    private static CallPolicy PolicyOf(PolicySettings policy) =>
        new()
        {
            RingTimeout = policy.RingTimeout,
            ReconnectGrace = policy.ReconnectGrace,
            AloneTimeout = policy.AloneTimeout,
            EndedReadable = policy.EndedReadable,
            MaxParticipants = policy.MaxParticipants,
            StartsPerMinute = policy.StartsPerMinute,
        };

    private static MediaOptions MediaOptionsOf(CallsSettings settings, bool hasOthers) =>
        new()
        {
            Port = settings.Media.Port,
            AnnouncedPort = settings.Media.AnnouncedPort,
            Addresses = ReachableAddresses.Of(settings.Media),
            Silence = settings.Policy.MediaSilence,
            // As early as the actors begin to doubt: others count from a heartbeat that may be old already.
            Standstill = hasOthers ? settings.Cluster.Death / 2 : null,
            Threads = settings.Media.Threads,
        };
}
