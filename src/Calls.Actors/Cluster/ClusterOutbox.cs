using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Cluster;

/// <summary>Where the actors' words go in a cluster: to this node's connections at once, and to the other nodes' over the bus.</summary>
public sealed class ClusterOutbox : IOutbox
{
    /// <summary>So many channels are told of at the same time; one waits for the store while others go on.</summary>
    private const int Lanes = 16;

    private readonly ClusterView _cluster;
    private readonly IClusterStore _store;
    private readonly ILocalOutbox _local;
    private readonly ImmutableArray<IActorRef> _lanes;

    public ClusterOutbox(ClusterView cluster, IClusterStore store, INodeBus bus, ILocalOutbox local, ActorSystem actors)
    {
        (_cluster, _store, _local) = (cluster, store, local);
        _lanes =
        [
            .. Enumerable
                .Range(0, Lanes)
                .Select(i => actors.Spawn($"lane-{i}", () => new Lane(cluster, store, bus), LaneOptions)),
        ];
    }

    /// <summary>What a busy node tells others in a second.</summary>
    private static readonly ActorOptions LaneOptions = new() { MailboxCapacity = 100_000 };

    public void ToUsers(
        IReadOnlyCollection<UserId> users,
        ServerEvent message,
        (UserId User, DeviceId? Device)? except = null
    )
    {
        _local.ToUsers(users, message, except);
        LaneOf(message).Tell(new SendToUsers(new([.. users], message, except?.User, except?.Device, null)));
    }

    public void ToConnection(string connection, ServerEvent message)
    {
        var (node, _) = ConnectionId.PlaceOf(connection);
        if (node == _cluster.Own)
            _local.ToConnection(connection, message);
        else
            LaneOf(message).Tell(new SendTo(node, new OfferMessage(connection, message)));
    }

    public void ToOthers(UserId user, string? connection, ServerEvent message)
    {
        _local.ToOthers(user, connection, message);
        LaneOf(message).Tell(new SendToUsers(new([user], message, null, null, connection ?? "")));
    }

    public async ValueTask<(string Connection, DeviceId Device)?> Find(UserId user, DeviceId? device)
    {
        if (_local.Find(user, device) is { } here)
            return here;
        var noted = await _store.ListConnections([user]);
        var newest = noted
            .SelectMany(n => n.Value)
            .Where(c => (device is null || c.Device == device) && _cluster.IsThere(c))
            .Where(c => ConnectionId.PlaceOf(c.Id).Node != _cluster.Own) // those here are known
            .MaxBy(c => c.At);
        return newest is null ? null : (newest.Id, newest.Device);
    }

    public void Digest(CallDigest digest)
    {
        _local.Compare(digest);
        LaneOf(digest.Channel).Tell(new SendDigest(digest));
    }

    /// <summary>Tells a node that webhooks wait in a shard of its.</summary>
    public void WakeWebhooks(string node, ChannelId channel) => Send(channel, node, new WebhooksMessage(channel));

    /// <summary>Sends a node something about a channel, after all that went to it about that channel before.</summary>
    internal void Send(ChannelId channel, string node, NodeMessage message) =>
        LaneOf(channel).Tell(new SendTo(node, message));

    private IActorRef LaneOf(ServerEvent message) =>
        message switch
        {
            CallStateEvent e => LaneOf(e.ChannelId),
            MediaOfferEvent e => LaneOf(e.ChannelId),
            ActiveSpeakers e => LaneOf(e.ChannelId),
            _ => _lanes[0],
        };

    private IActorRef LaneOf(ChannelId channel) =>
        _lanes[(int)((uint)channel.Value.GetHashCode(StringComparison.Ordinal) % Lanes)];
}
