using Calls.Actors.Kernel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.TestKit;

/// <summary>An actor system, or a cluster of them, whose time, chance and order of steps come from one seed.</summary>
public sealed class VirtualWorld
{
    private readonly ILogger _log;

    public VirtualWorld(int seed = 1, ILogger? log = null)
    {
        _log = log ?? NullLogger.Instance;
        Scheduler = new DeterministicScheduler(seed);
        Random = new Random(seed);
        Time = new VirtualTime { Settle = () => Scheduler.RunUntilIdle() };
        Actors = new ActorSystem(Scheduler, Time, new Random(seed), _log);
    }

    public VirtualTime Time { get; }

    public DeterministicScheduler Scheduler { get; }

    public Random Random { get; }

    public ActorSystem Actors { get; }

    /// <summary>Another actor system in the same world, as a process of its own that can be killed.</summary>
    public (ActorSystem Actors, DeterministicNode Process) NewProcess()
    {
        var process = Scheduler.NewNode();
        return (new ActorSystem(process, Time, new Random(Random.Next()), _log), process);
    }

    /// <summary>Lets everything happen that needs no time.</summary>
    public void Settle() => Scheduler.RunUntilIdle();

    /// <summary>Lets time pass, and everything happen that happens meanwhile.</summary>
    public void Pass(TimeSpan time) => Time.Advance(time);

    /// <summary>The result of a task that needs no time; throws what it throws, and also if it is not done then.</summary>
    public T Now<T>(Task<T> task)
    {
        Settle();
        if (!task.IsCompleted)
            throw new InvalidOperationException("The task still waits, and nothing is left to do at this instant.");
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Runs work on the system's scheduler, as actors run, and gives its result; see <see cref="Now{T}(Task{T})"/>.</summary>
    public T Now<T>(Func<Task<T>> work) =>
        Now(Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, Scheduler).Unwrap());
}
