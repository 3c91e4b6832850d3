using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Protocol;

namespace Calls.Actors.Sharding;

/// <summary>
/// Finds or starts the call actor of a channel and hands messages on to it. An actor with nothing left to do is let go
/// when it has handled all that was handed on.
/// </summary>
public sealed class CallRegion(CallEnvironment env) : Actor
{
    private readonly Dictionary<ChannelId, Entry> _calls = [];

    private sealed class Entry(IActorRef actor)
    {
        public IActorRef Actor { get; } = actor;

        public long HandedOn { get; set; }
    }

    protected internal override async ValueTask PreStart()
    {
        foreach (var open in await env.Store.ListOpen())
            Wake(new RecoverCall(open.Channel));
        foreach (var ended in await env.Store.ListUnsettled())
            Wake(new SettleCall(ended.Channel, ended.Call));
    }

    protected internal override ValueTask Receive(object message)
    {
        switch (message)
        {
            case IChannelMessage forCall:
                // Forwarded, so that the asker learns from the call actor itself what became of the message.
                HandOn(forCall, Context.Forward);
                break;
            case Passivate p when _calls.TryGetValue(p.Channel, out var entry) && entry.Actor == p.Self:
                LetGo(p, entry);
                break;
            case Terminated gone:
                foreach (var (channel, _) in _calls.Where(c => c.Value.Actor == gone.Actor).ToArray())
                    _calls.Remove(channel);
                break;
        }
        return ValueTask.CompletedTask;
    }

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
