namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// The counters that limit starts, in memory: a restart takes longer than a pest gains by it. Their clock is the
/// monotonic one, so setting the machine's frees nobody. Safe to use from many threads.
/// </summary>
internal sealed class StartCounters(TimeProvider time)
{
    /// <summary>Counters kept before those with nothing in them are swept out: a few hundred bytes each.</summary>
    internal const int SweepAbove = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<StartCounter, Places> _counters = [];
    private int _sweepAbove = SweepAbove;

    internal int Count
    {
        get
        {
            lock (_lock)
                return _counters.Count;
        }
    }

    /// <summary>See <see cref="IUserStore.TakeStart"/>.</summary>
    public TimeSpan? Take(StartCounter counter, string start, int limit, TimeSpan window)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (!_counters.TryGetValue(counter, out var places))
            {
                Sweep(now);
                _counters[counter] = places = new Places();
            }
            places.Window = window;
            Free(places, now);
            if (places.Taken.Exists(t => t.Start == start))
                return null;
            if (places.Taken.Count >= limit)
                return window - time.GetElapsedTime(places.Taken[^limit].At, now);
            places.Taken.Add((start, now));
            return null;
        }
    }

    /// <summary>See <see cref="IUserStore.GiveStartBack"/>.</summary>
    public void GiveBack(StartCounter counter, string start)
    {
        lock (_lock)
            if (_counters.TryGetValue(counter, out var places))
                places.Taken.RemoveAll(t => t.Start == start);
    }

    private void Free(Places places, long now) =>
        places.Taken.RemoveAll(t => time.GetElapsedTime(t.At, now) >= places.Window);

    /// <summary>When the counters have doubled since the last time, so that it costs little for each.</summary>
    private void Sweep(long now)
    {
        if (_counters.Count < _sweepAbove)
            return;
        foreach (var (counter, places) in _counters.ToArray())
        {
            Free(places, now);
            if (places.Taken.Count == 0)
                _counters.Remove(counter);
        }
        _sweepAbove = Math.Max(SweepAbove, 2 * _counters.Count);
    }

    private sealed class Places
    {
        /// <summary>The oldest first.</summary>
        public List<(string Start, long At)> Taken { get; } = [];

        public TimeSpan Window { get; set; }
    }
}
