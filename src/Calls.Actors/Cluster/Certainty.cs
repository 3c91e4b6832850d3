namespace Calls.Actors.Cluster;

/// <summary>
/// Whether this node can be sure that its calls are still its own. It cannot after it stood still, or was cut off from
/// the store, for so long that others may have taken it for dead; nor after a reconnect, when the store may be a replica
/// that lacks the last writes. Each call's home then reads its record anew before it goes on.
/// </summary>
/// <param name="time">The clock; it goes on while the process is frozen.</param>
/// <param name="death">After how long others take it for dead (<c>calls.cluster.death</c>).</param>
internal sealed class Certainty(TimeProvider time, TimeSpan death) : IDisposable
{
    // Others count from the last heartbeat that they read, which may be one heartbeat and a slow answer old.
    private readonly TimeSpan _limit = death / 2;
    private long _turnedAt = time.GetTimestamp();
    private long _readAt = time.GetTimestamp();
    private long _doubts;
    private long? _epoch;
    private ITimer? _pulse;

    /// <summary>How long the store has not answered.</summary>
    public TimeSpan Blind => time.GetElapsedTime(Volatile.Read(ref _readAt));

    /// <summary>Looks from now on whether the node stands still; a timer of its own, for whoever waits for the store is not frozen.</summary>
    /// <param name="stoodStill">Told each time that it has.</param>
    public void Watch(Action stoodStill)
    {
        _pulse?.Dispose();
        Volatile.Write(ref _turnedAt, time.GetTimestamp());
        _pulse = time.CreateTimer(_ => Turn(stoodStill), null, _limit / 4, _limit / 4);
    }

    public void Dispose() => _pulse?.Dispose();

    private void Turn(Action stoodStill)
    {
        var stood = StoodStill;
        if (stood)
            Interlocked.Increment(ref _doubts);
        Volatile.Write(ref _turnedAt, time.GetTimestamp());
        if (stood)
            stoodStill();
    }

    /// <summary>The store has answered.</summary>
    /// <param name="epoch">Counts the connections to it.</param>
    /// <returns>Whether it had not for too long, or is another one than before.</returns>
    public bool Read(long epoch)
    {
        var lost = Blind > _limit || (_epoch is { } known && known != epoch);
        if (lost)
            Interlocked.Increment(ref _doubts);
        _epoch = epoch;
        Volatile.Write(ref _readAt, time.GetTimestamp());
        return lost;
    }

    /// <summary>Whether certainty was lost since somebody last asked.</summary>
    /// <param name="seen">What was told them then; zero at first.</param>
    public bool WasLost(ref long seen)
    {
        var doubts = Interlocked.Read(ref _doubts);
        if (doubts != seen)
        {
            seen = doubts;
            return true;
        }
        // Frozen until just now, and the heartbeat has not noticed yet: whoever works first does.
        return StoodStill;
    }

    private bool StoodStill => time.GetElapsedTime(Volatile.Read(ref _turnedAt)) > _limit;
}
