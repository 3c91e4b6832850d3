using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Cluster;

/// <summary>What the cluster actor needs of the world.</summary>
public sealed record ClusterEnvironment
{
    public required ClusterView Cluster { get; init; }
    public required IClusterStore Store { get; init; }
    public required INodeBus Bus { get; init; }

    /// <summary>Where messages for calls go.</summary>
    public required IActorRef Region { get; init; }

    /// <summary>This node's own connections.</summary>
    public required ILocalOutbox Outbox { get; init; }

    /// <summary>Whoever sends webhooks here.</summary>
    public required IWebhookReceivers Webhooks { get; init; }

    /// <summary>What goes to other nodes, in order.</summary>
    public required ClusterOutbox Remote { get; init; }

    /// <summary>What this node says of itself; the beat is counted here.</summary>
    public required Func<NodeRecord> Describe { get; init; }
    public required TimeSpan Heartbeat { get; init; }
    public required TimeSpan Death { get; init; }

    /// <summary>An operator asked another node to have this one drained.</summary>
    public Action Drain { get; init; } = () => { };

    /// <summary>Told who lives, at every heartbeat.</summary>
    public Action<IReadOnlyCollection<NodeRecord>> Seen { get; init; } = _ => { };

    /// <summary>Told when this node is cut off from the store for so long that the others have taken over its calls, and when it is back.</summary>
    public Action<bool> CutOff { get; init; } = _ => { };
}

/// <summary>To the cluster actor: asks to be answered when it has looked for the other nodes.</summary>
public sealed record Joined(ReplyTo<bool> Reply);

/// <summary>To the cluster actor: another node is to be drained.</summary>
public sealed record DrainNode(string Node);

/// <summary>To the cluster actor: nobody listens any more where this node's process did.</summary>
public sealed record NodeGone(string Node, string Incarnation);

/// <summary>To the region: these nodes are dead, and what was theirs is to be divided.</summary>
internal sealed record NodesDied(IReadOnlyList<NodeRecord> Dead, IReadOnlyCollection<string> Alive);

/// <summary>This node among the others: its heartbeat, who lives, and the messages that come and go.</summary>
public sealed class ClusterActor(ClusterEnvironment env) : Actor
{
    /// <summary>An answer that has not come by then is not waited for any more: the asker's own deadline has passed.</summary>
    private static readonly TimeSpan PendingFor = TimeSpan.FromSeconds(15);

    private readonly NodeWatch _watch = new(env.Cluster.Own, env.Death);
    private readonly Dictionary<long, Pending> _pending = [];
    private long _beat;
    private long _asked;
    private bool _isCutOff;

    private sealed record Pending(IChannelMessage Message, long Since);

    private sealed record Beat;

    private sealed record StoodStill;

    private sealed record Heard(byte[] Message);

    protected internal override async ValueTask PreStart()
    {
        var self = Context.Self;
        env.Cluster.Actor = self;
        await env.Bus.Listen(env.Cluster.Own, message => self.Tell(new Heard(message)));
        env.Cluster.Certainty.Watch(() => self.Tell(new StoodStill()));
        await Live();
        Context.Timers.StartPeriodicTimer(nameof(Beat), new Beat(), env.Heartbeat);
    }

    protected internal override async ValueTask Receive(object message)
    {
        switch (message)
        {
            case Beat:
                await Live();
                Forget();
                break;
            case NodeGone gone when _watch.Bury(gone.Node, gone.Incarnation) is { } dead:
                await Bury([dead]);
                break;
            case StoodStill:
                Context.Log.LogWarning("This node stood still; its calls are read anew");
                env.Region.Tell(new Doubted());
                break;
            case ForwardTo forward:
                Forward(forward);
                break;
            case DrainNode drain:
                await env.Bus.Send(drain.Node, NodeJson.Write(new DrainMessage()));
                break;
            case Joined joined:
                joined.Reply.Tell(true);
                break;
            case Heard heard:
                Hear(NodeJson.Read(heard.Message));
                break;
        }
    }

    protected internal override async ValueTask PostStop()
    {
        env.Cluster.Certainty.Dispose();
        try
        {
            await env.Store.RemoveNode(env.Cluster.Own, env.Cluster.Incarnation);
        }
        catch (StoreUnavailableException e)
        {
            Context.Log.LogInformation("The node could not sign off: {Reason}", e.Message);
        }
    }

    /// <summary>Gives a sign of life, and looks for the others'.</summary>
    private async ValueTask Live()
    {
        try
        {
            await env.Store.PutNode(env.Describe() with { Beat = ++_beat });
            var records = await env.Store.ListNodes();
            var died = _watch.Read(records, Context.Time.GetElapsedTime(0));
            Show();
            Reached();
            // At the first look nobody has died yet, but there may be calls of nodes that nobody knows any more.
            if (died.Count > 0 || _beat == 1)
                await Bury(died);
        }
        catch (StoreUnavailableException e)
        {
            Context.Log.LogWarning("No sign of life could be given: {Reason}", e.Message);
            Miss();
        }
    }

    private void Show()
    {
        env.Cluster.Show(_watch.Alive);
        env.Seen(_watch.Alive);
    }

    /// <summary>Divides what was theirs among the living.</summary>
    private async ValueTask Bury(IReadOnlyList<NodeRecord> died)
    {
        foreach (var node in died)
            Context.Log.LogWarning("Node {Node} ({Incarnation}) is gone", node.Node, node.Incarnation);
        Show();
        env.Region.Tell(new NodesDied(died, [.. _watch.Alive.Select(n => n.Node)]));
        try
        {
            foreach (var node in died)
                await env.Store.RemoveNode(node.Node, node.Incarnation);
        }
        catch (StoreUnavailableException e)
        {
            // Its record is in nobody's way: whoever comes new sees that it stands still.
            Context.Log.LogInformation("A dead node could not be signed off: {Reason}", e.Message);
        }
    }

    /// <summary>The store answers: what it says is looked at anew if it was away, or is another one.</summary>
    private void Reached()
    {
        if (env.Cluster.Certainty.Read(env.Store.Epoch))
            env.Region.Tell(new Doubted());
        if (!_isCutOff)
            return;
        _isCutOff = false;
        env.CutOff(false);
    }

    /// <summary>The store does not answer. Others who reach it will have taken over by now; without others nobody has.</summary>
    private void Miss()
    {
        if (_isCutOff || !env.Cluster.HasOthers || env.Cluster.Certainty.Blind <= env.Death)
            return;
        Context.Log.LogError("This node has been cut off from the store; its users are sent to the other nodes");
        _isCutOff = true;
        env.CutOff(true);
    }

    private void Forget()
    {
        foreach (var (id, pending) in _pending.ToArray())
            if (Context.Time.GetElapsedTime(pending.Since) > PendingFor)
                _pending.Remove(id);
    }

    private void Forward(ForwardTo forward)
    {
        var own = env.Cluster.Own;
        switch (forward.Message)
        {
            case CallRequest request:
                var (type, json) = (RequestParser.NameOf(request.Request), NodeJson.Write(request.Request));
                Send(new CommandMessage(own, Await(request), request.Caller, type, json, request.IsPlaced));
                break;
            case ChannelChange change:
                Send(new EditMessage(own, Await(change), change.Channel, change.Edit));
                break;
            case DescribeCall describe:
                Send(new DescribeMessage(own, Await(describe), describe.Channel, describe.User));
                break;
            case DevicePresent or DeviceGone or GiveUpPlace or SettingsChanged or RecoverCall:
                Send(new ToldMessage(forward.Message));
                break;
        }

        void Send(NodeMessage message) => env.Remote.Send(forward.Message.Channel, forward.Node, message);
    }

    private long Await(IChannelMessage message)
    {
        _pending[++_asked] = new Pending(message, Context.Time.GetTimestamp());
        return _asked;
    }

    private void Hear(NodeMessage? message)
    {
        switch (message)
        {
            case CommandMessage m when NodeJson.Read(m.Type, m.Request) is { } request:
                env.Region.Tell(new CallRequest(m.Caller, request, ReplyTo(request.Channel, m.From, m.Id), m.IsPlaced));
                break;
            case EditMessage m:
                env.Region.Tell(new ChannelChange(m.Channel, m.Edit, ReplyTo(m.Channel, m.From, m.Id)));
                break;
            case DescribeMessage m:
                _ = Describe(m);
                break;
            case ToldMessage m:
                env.Region.Tell(m.Message);
                break;
            case CommandAnswer m when _pending.Remove(m.Id, out var asked) && asked.Message is IAskingMessage asking:
                if (m.Call is { } about)
                    asking.Reply.Concerns(about);
                asking.Reply.Answer(m.Reply);
                break;
            case DescriptionMessage m when _pending.Remove(m.Id, out var asked) && asked.Message is DescribeCall call:
                call.Reply.Tell(m.Call);
                break;
            case EventMessage m:
                Deliver(m);
                break;
            case DigestMessage m:
                env.Outbox.Compare(m.Digest);
                break;
            case OfferMessage m:
                env.Outbox.ToConnection(m.Connection, m.Event);
                break;
            case DrainMessage:
                env.Drain();
                break;
            case WebhooksMessage m:
                env.Webhooks.Wake(m.Channel);
                break;
            case null:
                Context.Log.LogWarning("A message from another node was not understood");
                break;
        }
    }

    private RemoteReply ReplyTo(ChannelId channel, string from, long id) => new(env.Remote, channel, from, id);

    private async Task Describe(DescribeMessage asked)
    {
        CallView? view = null;
        try
        {
            view = await env.Region.Ask<CallView?>(to => new DescribeCall(asked.Channel, asked.User, to), PendingFor);
        }
        catch (AskFailedException e)
        {
            Context.Log.LogInformation("{Channel} could not be described: {Reason}", asked.Channel, e.Message);
            return;
        }
        env.Remote.Send(asked.Channel, asked.From, new DescriptionMessage(asked.Id, view));
    }

    private void Deliver(EventMessage message)
    {
        if (message.ExceptConnection is { } connection)
        {
            foreach (var user in message.Users)
                env.Outbox.ToOthers(user, connection, message.Event);
            return;
        }
        (UserId, DeviceId?)? except = message.ExceptUser is { } one ? (one, message.ExceptDevice) : null;
        env.Outbox.ToUsers(message.Users, message.Event, except);
    }

    /// <summary>Takes a call actor's answer back to the node that asked.</summary>
    private sealed class RemoteReply(ClusterOutbox remote, ChannelId channel, string from, long id) : ICallReply
    {
        private CallId? _call;

        public void Answer(CallReply reply) => remote.Send(channel, from, new CommandAnswer(id, reply, _call));

        public void Concerns(CallId call) => _call = call;
    }
}
