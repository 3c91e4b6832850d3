namespace Calls.Actors.Persistence.Embedded;

/// <summary>Something that waits for the writer: decided against what was written before it, answered when that is durable.</summary>
internal abstract class Operation
{
    /// <summary>Decides; gives what becomes so, or null.</summary>
    public abstract Change? Decide(Tables tables);

    public abstract void Succeed();

    public abstract void Fail(Exception reason);
}

internal sealed class Operation<T>(Func<Tables, (T Result, Change? Change)> decide) : Operation
{
    // Continuations run on the caller's own scheduler, never on the writer's thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Done => _done.Task;

    public override Change? Decide(Tables tables)
    {
        var (result, change) = decide(tables);
        _result = result;
        return change;
    }

    public override void Succeed() => _done.TrySetResult(_result!);

    public override void Fail(Exception reason) => _done.TrySetException(reason);
}
