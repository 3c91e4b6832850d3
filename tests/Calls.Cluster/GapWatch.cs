using Calls.Caller;

namespace Calls.Cluster;

/// <summary>Listens for how long somebody was not heard, by any of the listener's peer connections.</summary>
internal sealed class GapWatch : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _over = new();
    private readonly Task _watching;

    /// <param name="listener">Who listens.</param>
    /// <param name="speaker">To whom; has been heard already.</param>
    public GapWatch(CallsCaller listener, string speaker)
    {
        Names = $"{listener.UserId} of {speaker}";
        _watching = Watch(listener, speaker);
    }

    /// <summary>Who listens to whom.</summary>
    public string Names { get; }

    /// <summary>The longest silence so far, as long as it was seen.</summary>
    public TimeSpan Longest { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        _over.Dispose();
    }

    private async Task Watch(CallsCaller listener, string speaker)
    {
        while (!_over.IsCancellationRequested)
        {
            if (listener.Media.Quiet(speaker) is { } quiet && quiet > Longest)
                Longest = quiet;
            await Task.Delay(Look);
        }
    }
}

/// <summary>Several at once.</summary>
internal sealed class Gaps(params (CallsCaller Listener, string Speaker)[] pairs) : IAsyncDisposable
{
    private readonly GapWatch[] _watches = [.. pairs.Select(pair => new GapWatch(pair.Listener, pair.Speaker))];

    /// <summary>Of each pair, who listens to whom and the longest silence.</summary>
    public (string Names, TimeSpan Gap)[] Longest => [.. _watches.Select(watch => (watch.Names, watch.Longest))];

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches)
            await watch.DisposeAsync();
    }
}
