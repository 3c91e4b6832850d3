using System.Numerics;

namespace Calls.Caller.Media;

/// <summary>Durations by their length, in buckets that are at most 6 % wide, from a microsecond to a minute: constant memory, and percentiles of any number of values.</summary>
public sealed class Histogram
{
    private const int SubBits = 4;
    private const int SubBuckets = 1 << SubBits;
    private const int MaxBits = 26; // 2^26 µs are 67 s; what is longer counts as that
    private const int Buckets = (MaxBits - SubBits + 1) * SubBuckets;

    private readonly int[] _counts = new int[Buckets];

    /// <summary>How many values there are.</summary>
    public long Count { get; private set; }

    /// <summary>The largest one; zero if there is none.</summary>
    public TimeSpan Max { get; private set; }

    /// <summary>Counts a value; a negative one as zero.</summary>
    public void Add(TimeSpan value)
    {
        _counts[IndexOf(value.Ticks / TimeSpan.TicksPerMicrosecond)]++;
        Count++;
        Max = value > Max ? value : Max;
    }

    /// <summary>Counts all of another one's values.</summary>
    public void Add(Histogram other)
    {
        for (var i = 0; i < Buckets; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        Max = other.Max > Max ? other.Max : Max;
    }

    /// <summary>The value that this share of all values does not exceed (at most 6 % too high); null if there is none.</summary>
    /// <param name="share">0 to 1: 0.99 for the 99th percentile.</param>
    public TimeSpan? Quantile(double share)
    {
        if (Count == 0)
        {
            return null;
        }

        var wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (var i = 0; i < Buckets; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                var upper = TimeSpan.FromMicroseconds(UpperOf(i));
                return upper < Max ? upper : Max;
            }
        }

        return Max;
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        Max = TimeSpan.Zero;
    }

    // The highest set bit says which power of two, the four bits below it which sixteenth of that.
    private static int IndexOf(long microseconds)
    {
        if (microseconds < SubBuckets)
        {
            return (int)Math.Max(0, microseconds);
        }

        var bits = BitOperations.Log2((ulong)microseconds);
        if (bits >= MaxBits)
        {
            return Buckets - 1;
        }

        var shift = bits - SubBits;
        return ((shift + 1) * SubBuckets) + (int)((microseconds >> shift) - SubBuckets);
    }

    private static long UpperOf(int index) =>
        index < SubBuckets ? index + 1 : ((long)(index % SubBuckets) + SubBuckets + 1) << ((index / SubBuckets) - 1);
}
