namespace Calls.Bench.Media.Generator;

/// <summary>When whose packet is due: every sender once a period, each at a random point of it. Times are ticks of any clock that only goes forward.</summary>
internal sealed class SendSchedule
{
    private readonly int[] _senders;
    private readonly double[] _phases; // ascending, 0 to 1
    private readonly double _period;
    private readonly long _start;
    private long _round;
    private int _next;

    /// <param name="senders">Who sends.</param>
    /// <param name="random">Draws the points.</param>
    /// <param name="start">When the first period begins.</param>
    /// <param name="period">How long one is.</param>
    public SendSchedule(IEnumerable<int> senders, Random random, long start, double period)
    {
        _senders = [.. senders];
        _phases = [.. _senders.Select(_ => random.NextDouble())];
        Array.Sort(_phases);
        random.Shuffle(_senders);
        (_start, _period) = (start, period);
    }

    /// <summary>When the next packet is due.</summary>
    public long NextAt => _senders.Length == 0 ? long.MaxValue : _start + (long)((_round + _phases[_next]) * _period);

    /// <summary>The next one that is due; call it until it says no.</summary>
    public bool TryTake(long now, out int sender, out long due)
    {
        due = NextAt;
        sender = -1;
        if (due > now)
            return false;
        sender = _senders[_next++];
        if (_next == _senders.Length)
            (_next, _round) = (0, _round + 1);
        return true;
    }
}
