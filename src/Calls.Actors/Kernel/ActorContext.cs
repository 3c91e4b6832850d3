using Microsoft.Extensions.Logging;

namespace Calls.Actors.Kernel;

/// <summary>What an actor may ask of its system. Only the actor's own code may use it, and only inside its hooks.</summary>
public sealed class ActorContext
{
    private readonly ActorCell _cell;

    internal ActorContext(ActorCell cell)
    {
        _cell = cell;
        Timers = new ActorTimers(cell, cell.System.Time);
    }

    public IActorRef Self => _cell;

    /// <summary>Null at the top of the tree.</summary>
    public IActorRef? Parent => _cell.Parent;

    public IReadOnlyCollection<IActorRef> Children => _cell.Children;

    public ActorTimers Timers { get; }

    public TimeProvider Time => _cell.System.Time;

    public ILogger Log => _cell.System.Log;

    /// <summary>The child of that name, or null.</summary>
    public IActorRef? Child(string name) => _cell.Child(name);

    /// <summary>Makes a child. Its name is its own until it has stopped; a second one of that name throws.</summary>
    public IActorRef Spawn(string name, Func<Actor> factory, ActorOptions? options = null) =>
        _cell.Spawn(name, factory, options ?? ActorOptions.Default);

    /// <summary>Asks to be told <see cref="Terminated"/>; at once if the actor has stopped already.</summary>
    public void Watch(IActorRef actor) => _cell.Watch((ActorCell)actor);

    public void Unwatch(IActorRef actor) => _cell.Unwatch((ActorCell)actor);

    /// <summary>Stops an actor (oneself, a child) after the message it is at. What waits in its mailbox is dropped, and its askers learn so.</summary>
    public void Stop(IActorRef actor) => ((ActorCell)actor).Post(new Signal.Stop());

    /// <summary>Puts the present message aside. False if the stash is full: then the message is rejected.</summary>
    public bool Stash() => _cell.Stash();

    /// <summary>Brings what was put aside back, in its order, before everything else.</summary>
    public void UnstashAll() => _cell.UnstashAll();

    /// <summary>Hands the present message to another actor, which then owes the answer.</summary>
    public void Forward(IActorRef to) => _cell.Forward((ActorCell)to);

    /// <summary>From now on tells <see cref="ReceiveTimeout"/> whenever no message came for so long; null ends that.</summary>
    public void SetReceiveTimeout(TimeSpan? timeout) => _cell.SetReceiveTimeout(timeout);
}
