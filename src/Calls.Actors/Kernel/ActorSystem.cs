using System.Collections.Concurrent;
using System.Numerics;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Kernel;

/// <summary>
/// The top of the tree, and what all actors share: the dispatcher that runs them, the clock, chance, the log. With a
/// seeded single-threaded scheduler, a virtual clock and a seeded Random a run can be replayed exactly.
/// </summary>
public sealed class ActorSystem : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly OrderedDictionary<string, ActorCell> _actors = [];
    private readonly ConcurrentDictionary<ActorCell, bool> _living = new();
    private readonly ConcurrentDictionary<string, long> _restarts = new(StringComparer.Ordinal);
    private bool _disposed;
    private long _deadLetters;
    private long _rejected;
    private long _crashes;
    private long _givenUp;

    public ActorSystem(TaskScheduler dispatcher, TimeProvider time, Random random, ILogger log) =>
        (Dispatcher, Time, _random, Log) = (dispatcher, time, random, log);

    public TaskScheduler Dispatcher { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>Messages to actors that had stopped.</summary>
    public long DeadLetters => Interlocked.Read(ref _deadLetters);

    /// <summary>Messages to full mailboxes and stashes.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Exceptions out of actors.</summary>
    public long Crashes => Interlocked.Read(ref _crashes);

    /// <summary>Messages dropped because their actor crashed on them twice.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    /// <summary>How the actors do, by class: of this moment, as far as it can be seen from outside while they work.</summary>
    public IReadOnlyCollection<ActorLoad> Loads()
    {
        var loads = new Dictionary<string, ActorLoad>(StringComparer.Ordinal);
        foreach (var (type, restarts) in _restarts)
            loads[type] = new ActorLoad(type, 0, 0, 0, restarts);
        foreach (var (cell, _) in _living)
        {
            var load = loads.TryGetValue(cell.Type!, out var known) ? known : new ActorLoad(cell.Type!, 0, 0, 0, 0);
            var depth = cell.Depth;
            loads[load.Type] = load with
            {
                Actors = load.Actors + 1,
                Waiting = load.Waiting + depth,
                Deepest = Math.Max(load.Deepest, depth),
            };
        }
        return loads.Values;
    }

    /// <summary>Makes an actor at the top of the tree. Its name is its own until it has stopped; a second one of that name throws.</summary>
    public IActorRef Spawn(string name, Func<Actor> factory, ActorOptions? options = null)
    {
        var cell = new ActorCell(this, null, name, factory, options ?? ActorOptions.Default);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_actors.TryAdd(name, cell))
                throw new InvalidOperationException($"There is an actor {cell.Path} already.");
        }
        cell.Post(new Signal.Start());
        return cell;
    }

    /// <summary>Stops an actor as <see cref="ActorContext.Stop"/> does; the task ends when it has stopped, its children before it.</summary>
    public static Task Stop(IActorRef actor)
    {
        var cell = (ActorCell)actor;
        cell.Post(new Signal.Stop());
        return cell.Stopped;
    }

    /// <summary>Ends when the actor has stopped.</summary>
    public static Task WhenStopped(IActorRef actor) => ((ActorCell)actor).Stopped;

    /// <summary>Stops all actors.</summary>
    public async ValueTask DisposeAsync()
    {
        List<ActorCell> actors;
        lock (_lock)
        {
            _disposed = true;
            actors = [.. _actors.Values];
        }
        await Task.WhenAll(actors.Select(Stop));
    }

    internal void Remove(ActorCell actor)
    {
        lock (_lock)
            _actors.Remove(actor.Name);
    }

    internal void Enter(ActorCell actor)
    {
        _living[actor] = true;
        _restarts.TryAdd(actor.Type!, 0);
    }

    internal void Leave(ActorCell actor) => _living.TryRemove(actor, out _);

    internal void Restarting(ActorCell actor)
    {
        // One whose very first instance could not be made has no name yet.
        if (actor.Type is { } type)
            _restarts.AddOrUpdate(type, 1, (_, count) => count + 1);
    }

    internal double Chance()
    {
        lock (_lock)
            return _random.NextDouble();
    }

    internal void DeadLetter(ActorCell to, Envelope envelope)
    {
        var count = Interlocked.Increment(ref _deadLetters);
        Log.LogDebug("Dead letter {Count} to {Actor}: {Message}", count, to, envelope.Message.GetType().Name);
        envelope.Reply?.Fail(new ActorStoppedException(to.Path));
    }

    internal void Reject(ActorCell to, Envelope envelope)
    {
        var count = Interlocked.Increment(ref _rejected);
        if (BitOperations.IsPow2(count)) // a flood must not flood the log as well
            Log.LogWarning(
                "{Actor} is full; rejected {Message} ({Count} so far)",
                to,
                envelope.Message.GetType().Name,
                count
            );
        envelope.Reply?.Fail(new MailboxFullException(to.Path));
    }

    internal void Crashed(ActorCell actor, Exception reason, Directive directive)
    {
        Interlocked.Increment(ref _crashes);
        Log.LogError(reason, "{Actor} crashed: {Directive}", actor, directive);
    }

    internal void GiveUp(ActorCell actor, Envelope envelope, Exception reason)
    {
        Interlocked.Increment(ref _givenUp);
        Log.LogError("{Actor} crashed twice on {Message}, which is dropped", actor, envelope.Message.GetType().Name);
        envelope.Reply?.Fail(new ActorFailedException(actor.Path, reason));
    }
}

internal static class Dispatching
{
    /// <summary>
    /// Runs something on its own turn. Answers are given so as well: then whoever waits for one neither runs inside the
    /// one who gives it, nor (as <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/> would have it for
    /// <c>Task.WhenAll</c>) on the thread pool, where no seed could order it.
    /// </summary>
    public static void Start(this TaskScheduler dispatcher, Action action) =>
        _ = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, dispatcher);
}
