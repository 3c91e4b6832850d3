using Calls.Actors.Calls;
using Calls.Actors.Cluster;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Sharding;

/// <summary>
/// Finds or starts the call actor of a channel and hands messages on to it. An actor with nothing left to do is let go
/// when it has handled all that was handed on.
/// </summary>
public sealed class CallRegion(CallEnvironment env) : Actor
{
    private readonly Dictionary<ChannelId, Entry> _calls = [];

    /// <summary>How soon dead nodes' calls are looked for again when the store did not answer.</summary>
    private static readonly TimeSpan InheritRetry = TimeSpan.FromSeconds(1);

    private sealed class Entry(IActorRef actor)
    {
        public IActorRef Actor { get; } = actor;

        public long HandedOn { get; set; }
    }

    protected internal override async ValueTask PreStart()
    {
        foreach (var open in await env.Store.ListOpen())
            if (env.Cluster.IsAlone || open.Home == env.Node)
                Wake(new RecoverCall(open.Channel));
        if (!env.Cluster.IsAlone)
            return; // the rest is divided when it is known who lives
        foreach (var ended in await env.Store.ListUnsettled())
            Wake(new SettleCall(ended.Channel, ended.Call));
    }

    protected internal override async ValueTask Receive(object message)
    {
        switch (message)
        {
            case IChannelMessage forCall:
                // Forwarded, so that the asker learns from the call actor itself what became of the message.
                HandOn(forCall, Context.Forward);
                break;
            case NodesDied died:
                await Inherit(died);
                break;
            case Doubted or MoveAway:
                foreach (var entry in _calls.Values)
                    entry.Actor.Tell(message);
                break;
            case Passivate p when _calls.TryGetValue(p.Channel, out var entry) && entry.Actor == p.Self:
                LetGo(p, entry);
                break;
            case Terminated gone:
                foreach (var (channel, _) in _calls.Where(c => c.Value.Actor == gone.Actor).ToArray())
                    _calls.Remove(channel);
                break;
        }
    }

    /// <summary>Takes over this node's part of the calls that have no living home, and of the ends that nobody may have told.</summary>
    private async ValueTask Inherit(NodesDied died)
    {
        if (died.Dead.Count > 0)
        {
            var lost = new NodesLost([.. died.Dead.Select(n => (n.Node, n.Incarnation))]);
            foreach (var entry in _calls.Values)
                entry.Actor.Tell(lost);
        }
        try
        {
            foreach (var open in await env.Store.ListOpen())
                if (!died.Alive.Contains(open.Home) && IsMine(open.Channel, died.Alive))
                    Wake(new RecoverCall(open.Channel));
            foreach (var ended in await env.Store.ListUnsettled())
                if (IsMine(ended.Channel, died.Alive))
                    Wake(new SettleCall(ended.Channel, ended.Call));
        }
        catch (StoreUnavailableException)
        {
            // Nothing of it is forgotten: tried again until the store answers.
            Context.Timers.StartSingleTimer("inherit", died with { Dead = [] }, InheritRetry);
        }
    }

    private bool IsMine(ChannelId channel, IReadOnlyCollection<string> alive) =>
        Rendezvous.Choose(channel.Value, alive) == env.Node;

    private void LetGo(Passivate asked, Entry entry)
    {
        if (entry.HandedOn != asked.Handled)
        {
            asked.Self.Tell(new HandledSoFar(entry.HandedOn));
            return;
        }
        _calls.Remove(asked.Channel);
        Context.Stop(asked.Self);
    }

    private void Wake(IChannelMessage message) => HandOn(message, actor => actor.Tell(message));

    private void HandOn(IChannelMessage message, Action<IActorRef> hand)
    {
        if (!_calls.TryGetValue(message.Channel, out var entry))
        {
            var channel = message.Channel;
            var actor = Context.Spawn($"call-{channel}-{env.NewId()[..8]}", () => new CallActor(channel, env));
            Context.Watch(actor);
            _calls[channel] = entry = new Entry(actor);
        }
        entry.HandedOn++;
        hand(entry.Actor);
    }
}
