namespace Calls.Actors.Kernel;

/// <summary>
/// State that only its own messages touch, one at a time. Awaits inside the hooks continue on the system's dispatcher,
/// and the next message waits until the present one is done. An exception out of any hook is a crash: the actor's
/// <see cref="Supervision"/> decides what follows.
/// </summary>
public abstract class Actor
{
    private ActorContext? _context;

    /// <summary>What the actor may ask of its system. Not there yet in the constructor; for the actor's own code only.</summary>
    protected ActorContext Context =>
        _context ?? throw new InvalidOperationException("The context comes after the constructor: use PreStart.");

    /// <summary>Handles one message.</summary>
    protected internal abstract ValueTask Receive(object message);

    /// <summary>Before the first message of this instance: the place to recover. Messages wait in the mailbox meanwhile.</summary>
    protected internal virtual ValueTask PreStart() => ValueTask.CompletedTask;

    /// <summary>After the last message, when all children have stopped.</summary>
    protected internal virtual ValueTask PostStop() => ValueTask.CompletedTask;

    /// <summary>Before a crashed instance is given up for a new one; cleans up as <see cref="PostStop"/> does unless overridden.</summary>
    protected internal virtual ValueTask PreRestart(Exception reason) => PostStop();

    internal void Attach(ActorContext context) => _context = context;
}

/// <summary>Stops an actor when it gets to it: what was told before is handled first, what comes after is not.</summary>
public sealed record PoisonPill
{
    private PoisonPill() { }

    public static PoisonPill Instance { get; } = new();
}

/// <summary>Told to an actor that got no message for as long as <see cref="ActorContext.SetReceiveTimeout"/> says.</summary>
public sealed record ReceiveTimeout
{
    private ReceiveTimeout() { }

    internal static ReceiveTimeout Instance { get; } = new();
}

/// <summary>Told to a watcher when the watched actor has stopped for good; a restart is not that.</summary>
public sealed record Terminated(IActorRef Actor);
