namespace Calls.Actors.Calls;

/// <summary>
/// Wall-clock time that was read once and has run monotonically since: when the machine's clock is set, no ring or grace
/// of a live call ends early, and none never ends.
/// </summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset _anchor = time.GetUtcNow();
    private readonly long _started = time.GetTimestamp();

    /// <summary>Now, in whole milliseconds: what the journal and the wire can hold.</summary>
    public DateTimeOffset Now()
    {
        var now = _anchor + time.GetElapsedTime(_started);
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
    }
}
