using System.Diagnostics;

namespace Calls.LoadTest.Measure;

/// <summary>What a process uses, second by second.</summary>
internal sealed class ProcessLoad(int processId)
{
    private TimeSpan _used = Used(processId);
    private long _at = Stopwatch.GetTimestamp();

    /// <summary>Cores that it used since the last time.</summary>
    public double TakeCores()
    {
        var (used, now) = (Used(processId), Stopwatch.GetTimestamp());
        var cores = (used - _used) / Stopwatch.GetElapsedTime(_at, now);
        (_used, _at) = (used, now);
        return cores;
    }

    /// <summary>Its resident memory, in MiB; 0 once it is gone.</summary>
    public double ResidentMib()
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.WorkingSet64 / (1024.0 * 1024);
        }
        catch (ArgumentException)
        {
            return 0;
        }
    }

    private static TimeSpan Used(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }
}
