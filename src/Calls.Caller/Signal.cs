namespace Calls.Caller;

/// <summary>Lets any number of waiters look at a condition again whenever something has happened.</summary>
internal sealed class Signal(TimeProvider clock)
{
    private TaskCompletionSource? _next;

    /// <summary>Something has happened. Costs next to nothing as long as nobody waits.</summary>
    public void Raise()
    {
        if (Volatile.Read(ref _next) is not null)
        {
            Interlocked.Exchange(ref _next, null)?.TrySetResult();
        }
    }

    /// <summary>Waits until the look has a result.</summary>
    /// <exception cref="TimeoutException">It had none until the deadline; the message says what was waited for.</exception>
    public async Task<T> Wait<T>(Func<T?> look, TimeSpan deadline, Func<string> describe)
        where T : class
    {
        var timeout = Task.Delay(deadline, clock);
        while (true)
        {
            // Taken before looking: what happens between the look and the wait is not missed.
            var next = Next();
            if (look() is { } result)
            {
                return result;
            }

            if (timeout.IsCompleted)
            {
                throw new TimeoutException(describe());
            }

            await Task.WhenAny(next, timeout);
        }
    }

    private Task Next()
    {
        if (Volatile.Read(ref _next) is { } there)
        {
            return there.Task;
        }

        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _next, mine, null) ?? mine).Task;
    }
}
