namespace Calls.Host.Webhooks;

/// <summary>How long a message waits after each attempt that failed: twice as long each time, up to a bound.</summary>
internal static class RetryPauses
{
    /// <summary>After the first failure: a receiver that is being started anew is back soon.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Longest: how late somebody may hear of a missed call when their backend is back.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>How long a message is tried in all, from what it tells of.</summary>
    public static readonly TimeSpan InAll = TimeSpan.FromDays(1);

    /// <summary>A pause between half and all of its full length, so that many that failed together do not come back together.</summary>
    public static TimeSpan After(int failures, Random random)
    {
        var full = First * Math.Pow(2, Math.Min(failures, 30) - 1);
        return (full < Longest ? full : Longest) * (0.5 + (0.5 * random.NextDouble()));
    }
}
