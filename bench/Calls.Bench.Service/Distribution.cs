using Calls.Bench.Results;

namespace Calls.Bench.Service;

/// <summary>What a round measured, in milliseconds.</summary>
internal sealed record Distribution(double P50, double P99)
{
    public static Distribution Of(IEnumerable<TimeSpan> samples)
    {
        var sorted = samples.Select(s => s.TotalMilliseconds).Order().ToArray();
        return new Distribution(At(sorted, 0.50), At(sorted, 0.99));
    }

    /// <summary>The median of each figure over the rounds.</summary>
    public static Distribution MedianOf(IReadOnlyCollection<Distribution> rounds) =>
        new(Statistics.Median(rounds.Select(r => r.P50)), Statistics.Median(rounds.Select(r => r.P99)));

    private static double At(double[] sorted, double quantile) => sorted[(int)((sorted.Length - 1) * quantile)];
}
