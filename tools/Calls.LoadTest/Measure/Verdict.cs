using System.Globalization;
using Calls.LoadTest.Options;

namespace Calls.LoadTest.Measure;

/// <summary>One limit and what became of it.</summary>
/// <param name="Name">The option that set it.</param>
/// <param name="Limit">What was asked, for people.</param>
/// <param name="Measured">What was measured, for people.</param>
/// <param name="Held">Whether it held; what could not be measured has not.</param>
internal sealed record LimitResult(string Name, string Limit, string Measured, bool Held);

/// <summary>What limits are held against.</summary>
internal sealed record Outcome(double? Loss, TimeSpan? P99Delay, TimeSpan? P99Join, int Errors)
{
    /// <summary>Each limit that was asked for.</summary>
    public IReadOnlyList<LimitResult> Judge(LimitOptions limits)
    {
        var results = new List<LimitResult>();
        if (limits.MaxLoss is { } loss)
            results.Add(new("--max-loss", Percent(loss), Loss is { } l ? Percent(l) : "no packet came", Loss <= loss));
        if (limits.MaxP99Delay is { } delay)
            results.Add(new("--max-p99-delay", Ms(delay), Time(P99Delay, "no packet came"), P99Delay <= delay));
        if (limits.MaxJoin is { } join)
            results.Add(new("--max-join", Ms(join), Time(P99Join, "nobody joined"), P99Join <= join));
        if (limits.MaxErrors is { } errors)
            results.Add(new("--max-errors", $"{errors}", $"{Errors}", Errors <= errors));
        return results;
    }

    private static string Time(TimeSpan? time, string none) => time is { } t ? Ms(t) : none;

    private static string Ms(TimeSpan time) =>
        time.TotalMilliseconds.ToString("0.##", CultureInfo.InvariantCulture) + " ms";

    private static string Percent(double share) =>
        (share * 100).ToString("0.####", CultureInfo.InvariantCulture) + " %";
}
