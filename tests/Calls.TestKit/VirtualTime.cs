namespace Calls.TestKit;

/// <summary>
/// A clock that stands still until <see cref="Advance"/>. Timers are called on the thread that advances, in the order
/// in which they are due, those of the same instant in the order in which they were set.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly SortedSet<VirtualTimer> _due = new(VirtualTimer.ByDue);
    private DateTimeOffset _now;
    private long _ticks;
    private long _sequence;

    public VirtualTime(DateTimeOffset? start = null) =>
        _now = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Called after each instant at which timers were due: lets the world settle before time goes on.</summary>
    public Action? Settle { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How long until the next timer is due; null if none is set.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_lock)
                return _due.Min is { } next ? TimeSpan.FromTicks(Math.Max(0, next.DueAt - _ticks)) : null;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _ticks;
    }

    /// <summary>Lets the wall clock jump, as an administrator or NTP does; what is measured and timed takes no notice.</summary>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_lock)
            _now = now;
    }

    /// <summary>Lets time pass in which nothing runs, as for a frozen process: what was due meanwhile is called with the next <see cref="Advance"/>.</summary>
    public void Freeze(TimeSpan by)
    {
        lock (_lock)
            MoveTo(_ticks + by.Ticks);
    }

    /// <summary>Lets time pass, instant by instant.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Settle?.Invoke();
        var until = GetTimestamp() + by.Ticks;
        while (TakeDue(until) is { } first)
        {
            first.Call();
            while (TakeDue(GetTimestamp()) is { } more)
                more.Call();
            Settle?.Invoke();
        }
        lock (_lock)
            MoveTo(until);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private VirtualTimer? TakeDue(long until)
    {
        lock (_lock)
        {
            if (_due.Min is not { } timer || timer.DueAt > until)
                return null;
            _due.Remove(timer);
            MoveTo(Math.Max(timer.DueAt, _ticks));
            if (timer.Period > TimeSpan.Zero)
                SetDue(timer, timer.Period);
            return timer;
        }
    }

    private void MoveTo(long ticks)
    {
        _now += TimeSpan.FromTicks(ticks - _ticks);
        _ticks = ticks;
    }

    private void SetDue(VirtualTimer timer, TimeSpan dueTime)
    {
        timer.DueAt = _ticks + dueTime.Ticks;
        timer.Sequence = _sequence++;
        _due.Add(timer);
    }

    private sealed class VirtualTimer(VirtualTime owner, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public static IComparer<VirtualTimer> ByDue { get; } =
            Comparer<VirtualTimer>.Create((a, b) => (a.DueAt, a.Sequence).CompareTo((b.DueAt, b.Sequence)));

        public long DueAt { get; set; }

        public long Sequence { get; set; }

        public TimeSpan Period { get; private set; }

        public void Call() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                if (_disposed)
                    return false;
                owner._due.Remove(this);
                Period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                    owner.SetDue(this, dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (owner._lock)
            {
                _disposed = true;
                owner._due.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
