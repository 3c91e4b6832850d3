using System.Diagnostics;

namespace Calls.LoadTest.Measure;

/// <summary>How late the thread pool comes to what is due: all signalling of the callers waits for it.</summary>
internal sealed class PoolLag : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _worst;

    public PoolLag() => _running = Run();

    /// <summary>The worst since the last time.</summary>
    public TimeSpan Take() => TimeSpan.FromTicks(Interlocked.Exchange(ref _worst, 0));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task Run()
    {
        try
        {
            while (true)
            {
                var began = Stopwatch.GetTimestamp();
                await Task.Delay(Period, _stop.Token);
                var late = (Stopwatch.GetElapsedTime(began) - Period).Ticks;
                for (var worst = Interlocked.Read(ref _worst); late > worst; )
                    worst =
                        Interlocked.CompareExchange(ref _worst, late, worst) is var seen && seen == worst ? late : seen;
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
