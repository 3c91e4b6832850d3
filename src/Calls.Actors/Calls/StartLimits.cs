using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>At most so many starts a minute by one user, in one channel, and at one target (S13). Safe to use from many actors.</summary>
public sealed class StartLimits(int perMinute, TimeProvider time)
{
    /// <summary>The window of the limit.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Keys kept before those whose starts are all over are swept out: a few hundred bytes each.</summary>
    private const int SweepAbove = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<long>> _starts = new(StringComparer.Ordinal);

    /// <summary>Takes a place in each of the counters, or in none and says how long to wait.</summary>
    public TimeSpan? Take(UserId user, ChannelId channel, UserId? target)
    {
        string[] keys = target is { } t ? [$"u:{user}", $"c:{channel}", $"t:{t}"] : [$"u:{user}", $"c:{channel}"];
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_starts.Count > SweepAbove)
                Sweep(now);
            TimeSpan? wait = null;
            foreach (var key in keys)
            {
                var starts = Recent(key, now);
                if (starts.Count >= perMinute && !(wait > Window - time.GetElapsedTime(starts.Peek(), now)))
                    wait = Window - time.GetElapsedTime(starts.Peek(), now);
            }
            if (wait is null)
            {
                foreach (var key in keys)
                    Recent(key, now).Enqueue(now);
            }
            return wait;
        }
    }

    private Queue<long> Recent(string key, long now)
    {
        if (!_starts.TryGetValue(key, out var starts))
            _starts[key] = starts = new Queue<long>();
        while (starts.TryPeek(out var first) && time.GetElapsedTime(first, now) >= Window)
            starts.Dequeue();
        return starts;
    }

    private void Sweep(long now)
    {
        foreach (var key in _starts.Keys.ToArray())
        {
            if (Recent(key, now).Count == 0)
                _starts.Remove(key);
        }
    }
}
