using System.Diagnostics;

namespace Calls.Bench.Service;

/// <summary>Opens when so many have arrived, and notes when: at the arrival itself, not when somebody is woken by it.</summary>
internal sealed class Latch(int count)
{
    private readonly TaskCompletionSource<long> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = count;

    /// <summary>The timestamp of the last arrival.</summary>
    public Task<long> Open => _open.Task.WaitAsync(Line.Deadline);

    public void Arrive()
    {
        var now = Stopwatch.GetTimestamp();
        if (Interlocked.Decrement(ref _missing) == 0)
            _open.TrySetResult(now);
    }
}
