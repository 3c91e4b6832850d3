namespace Calls.Caller;

/// <summary>Lets any number of waiters look at a condition again whenever something has happened.</summary>
internal sealed class Signal(TimeProvider clock)
{
    private TaskCompletionSource _next = New();

    /// <summary>Something has happened.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Waits until the look has a result.</summary>
    /// <exception cref="TimeoutException">It had none until the deadline; the message says what was waited for.</exception>
    public async Task<T> Wait<T>(Func<T?> look, TimeSpan deadline, Func<string> describe)
        where T : class
    {
        var timeout = Task.Delay(deadline, clock);
        while (true)
        {
            // Taken before looking: what happens between the look and the wait is not missed.
            var next = Volatile.Read(ref _next).Task;
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

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
