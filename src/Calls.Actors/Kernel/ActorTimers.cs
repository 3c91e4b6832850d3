namespace Calls.Actors.Kernel;

/// <summary>
/// Messages to oneself, later. Each has a key; starting one again replaces it, and one that was cancelled or replaced is
/// never received, not even if it was in the mailbox already. All end with a restart or stop.
/// </summary>
public sealed class ActorTimers
{
    private readonly ActorCell _cell;
    private readonly TimeProvider _time;
    private readonly Dictionary<object, TimerMessage> _active = [];

    internal ActorTimers(ActorCell cell, TimeProvider time) => (_cell, _time) = (cell, time);

    /// <summary>Tells <paramref name="message"/> once, after <paramref name="delay"/> (at once if it is not positive).</summary>
    public void StartSingleTimer(object key, object message, TimeSpan delay) =>
        Start(key, message, delay < TimeSpan.Zero ? TimeSpan.Zero : delay, Timeout.InfiniteTimeSpan);

    /// <summary>Tells <paramref name="message"/> every <paramref name="interval"/>. Those missed while the actor was busy are told once.</summary>
    public void StartPeriodicTimer(object key, object message, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        Start(key, message, interval, interval);
    }

    public void Cancel(object key)
    {
        if (_active.Remove(key, out var timer))
            timer.Timer?.Dispose();
    }

    /// <summary>Whether the key's message is still to come.</summary>
    public bool IsTimerActive(object key) => _active.ContainsKey(key);

    internal void CancelAll()
    {
        foreach (var timer in _active.Values)
            timer.Timer?.Dispose();
        _active.Clear();
    }

    /// <summary>Whether a timer's message that has come up in the mailbox still counts.</summary>
    internal bool TryReceive(TimerMessage fired)
    {
        if (!_active.TryGetValue(fired.Key, out var active) || !ReferenceEquals(active, fired))
            return false;
        if (fired.Periodic)
            fired.Waits = 0;
        else
            Cancel(fired.Key);
        return true;
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan interval)
    {
        Cancel(key);
        var timer = new TimerMessage(key, message, interval > TimeSpan.Zero);
        _active[key] = timer;
        timer.Timer = _time.CreateTimer(_ => Fire(timer), null, delay, interval);
    }

    private void Fire(TimerMessage timer)
    {
        if (Interlocked.Exchange(ref timer.Waits, 1) == 0)
            _cell.Deliver(new Envelope(timer, exempt: true));
    }
}

/// <summary>A timer, and also what it puts into the mailbox.</summary>
internal sealed class TimerMessage(object key, object message, bool periodic)
{
    /// <summary>1 while it lies in the mailbox.</summary>
    public int Waits;

    public object Key { get; } = key;

    public object Message { get; } = message;

    public bool Periodic { get; } = periodic;

    public ITimer? Timer { get; set; }
}
