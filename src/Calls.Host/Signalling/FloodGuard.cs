namespace Calls.Host.Signalling;

/// <summary>What one connection may send: a bucket of messages that refills, and a few malformed ones.</summary>
internal sealed class FloodGuard(TimeProvider time)
{
    /// <summary>Messages that may come at once: more than a client that resumes ever has to say.</summary>
    public const int Burst = 200;

    /// <summary>Messages a second that refill the bucket.</summary>
    public const int RefillPerSecond = 50;

    /// <summary>Malformed messages that are answered within <see cref="MalformedWindow"/>; the next one closes.</summary>
    public const int MaxMalformed = 20;

    public static readonly TimeSpan MalformedWindow = TimeSpan.FromSeconds(10);

    private readonly Queue<long> _malformed = new();
    private double _tokens = Burst;
    private long _filled = time.GetTimestamp();

    /// <summary>Counts a message; false when it is one too many.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(Burst, _tokens + time.GetElapsedTime(_filled, now).TotalSeconds * RefillPerSecond);
        _filled = now;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }

    /// <summary>Counts a malformed message; false when it is one too many.</summary>
    public bool TryForgive()
    {
        var now = time.GetTimestamp();
        while (_malformed.TryPeek(out var first) && time.GetElapsedTime(first, now) > MalformedWindow)
            _malformed.Dequeue();
        _malformed.Enqueue(now);
        return _malformed.Count <= MaxMalformed;
    }
}
