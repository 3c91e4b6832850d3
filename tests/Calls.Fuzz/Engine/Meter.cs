using System.Runtime.InteropServices;

namespace Calls.Fuzz.Engine;

/// <summary>What the measured parts of one case cost this thread; of several parts the dearest counts. Time is the processor's, so that a busy machine makes nothing slow.</summary>
internal sealed partial class Meter
{
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID

    private long _allocatedBefore;
    private long _nanosecondsBefore;

    /// <summary>Bytes.</summary>
    public long Allocated { get; private set; }

    public TimeSpan Time { get; private set; }

    public void Reset() => (Allocated, Time) = (0, TimeSpan.Zero);

    public void Start()
    {
        _nanosecondsBefore = Nanoseconds();
        _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
    }

    public void Stop()
    {
        Allocated = Math.Max(Allocated, GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore);
        var time = TimeSpan.FromMicroseconds((Nanoseconds() - _nanosecondsBefore) / 1_000.0);
        Time = time > Time ? time : Time;
    }

    private static long Nanoseconds() =>
        clock_gettime(ThreadClock, out var time) == 0
            ? (time.Seconds * 1_000_000_000) + time.Nanoseconds
            : throw new PlatformNotSupportedException("No clock of a thread's time");

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out ClockTime time);

    [StructLayout(LayoutKind.Sequential)]
    private struct ClockTime
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
