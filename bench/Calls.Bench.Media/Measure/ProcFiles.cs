using System.Globalization;

namespace Calls.Bench.Media.Measure;

/// <summary>Reads the figures in the texts of <c>/proc</c> and of control groups.</summary>
internal static class ProcFiles
{
    private const long NanosecondsPerTick = 10_000_000; // USER_HZ is 100 on every Linux that .NET runs on

    /// <summary><c>schedstat</c> of a thread: the time that it ran, in ns.</summary>
    public static long RunTime(string schedstat) => Number(schedstat.Split(' ')[0]);

    /// <summary><c>smaps_rollup</c> of a process: its resident memory, in KB. Not its share of it (<c>Pss</c>): that changes when another process comes or goes that has the runtime's files open too.</summary>
    public static long Rss(string rollup)
    {
        var line = rollup.Split('\n').First(line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary><c>cpuacct.usage_percpu</c>: how long tasks ran on a core, in ns.</summary>
    public static long CoreTimeOfGroup(string usage, int core) =>
        Number(usage.Split(' ', StringSplitOptions.RemoveEmptyEntries)[core]);

    /// <summary><c>/proc/stat</c>: how long a core was neither idle nor taken by the machine's host, in ns, as far as ticks tell.</summary>
    public static long CoreTimeOfTicks(string stat, int core)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"cpu{core} ");
        var line = stat.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal));
        // user, nice, system, (idle, iowait,) irq, softirq
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int[] busy = [1, 2, 3, 6, 7];
        return busy.Sum(field => Number(fields[field])) * NanosecondsPerTick;
    }

    private static long Number(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
