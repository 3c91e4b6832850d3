namespace Calls.Bench.Results;

/// <summary>What is said of several rounds.</summary>
public static class Statistics
{
    /// <summary>The middle one; of an even number the upper of the two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
