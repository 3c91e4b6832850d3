using System.Diagnostics.CodeAnalysis;

namespace Calls.TestKit;

/// <summary>
/// Runs tasks on the thread that calls <see cref="RunUntilIdle"/>, the next one always drawn by the seed from those
/// that are ready: another seed is another interleaving, the same seed the same one.
/// </summary>
public sealed class DeterministicScheduler(int seed) : TaskScheduler
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly List<(DeterministicNode? Node, Task Task)> _ready = [];

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>A scheduler for one node of a simulated cluster: its tasks are drawn among all others, until it is killed.</summary>
    public DeterministicNode NewNode() => new(this);

    /// <summary>Runs until nothing is ready. More than <paramref name="maxSteps"/> in one go is taken for an endless loop.</summary>
    public void RunUntilIdle(long maxSteps = 10_000_000)
    {
        // A test framework's own context would take the continuations away from this scheduler.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            for (var steps = 0L; TryDraw(out var node, out var task); steps++)
            {
                if (steps == maxSteps)
                    throw new InvalidOperationException($"Still busy after {maxSteps} steps.");
                Steps++;
                if (node is null)
                    TryExecuteTask(task);
                else
                    node.Execute(task);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    protected override void QueueTask(Task task) => Add(null, task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => Ready(null);

    internal void Add(DeterministicNode? node, Task task)
    {
        lock (_lock)
            _ready.Add((node, task));
    }

    internal void Drop(DeterministicNode node)
    {
        lock (_lock)
            _ready.RemoveAll(r => r.Node == node);
    }

    internal IEnumerable<Task> Ready(DeterministicNode? node)
    {
        lock (_lock)
            return [.. _ready.Where(r => r.Node == node).Select(r => r.Task)];
    }

    private bool TryDraw(out DeterministicNode? node, [NotNullWhen(true)] out Task? task)
    {
        lock (_lock)
        {
            (node, task) = (null, null);
            if (_ready.Count == 0)
                return false;
            var index = _random.Next(_ready.Count);
            (node, task) = _ready[index];
            _ready.RemoveAt(index);
            return true;
        }
    }
}

/// <summary>The part of a <see cref="DeterministicScheduler"/> that belongs to one simulated process.</summary>
public sealed class DeterministicNode : TaskScheduler
{
    private readonly DeterministicScheduler _owner;
    private bool _killed;

    internal DeterministicNode(DeterministicScheduler owner) => _owner = owner;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Ends it as kill -9 does: no step that it has begun gets to its next one.</summary>
    public void Kill()
    {
        _killed = true;
        _owner.Drop(this);
    }

    internal void Execute(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task)
    {
        if (!_killed)
            _owner.Add(this, task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _owner.Ready(this);
}
