using System.Runtime.InteropServices;

namespace Calls.Bench.Media.Generator;

/// <summary>Linux's priorities of single threads, which .NET does not set.</summary>
internal static partial class ThreadPriority
{
    private const int OfProcess = 0; // PRIO_PROCESS, which is a thread's on Linux
    private const int Highest = -19;

    /// <summary>Puts the calling thread before all others of its core, where that is allowed (root).</summary>
    public static void Raise() => _ = setpriority(OfProcess, 0, Highest);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, uint who, int priority);
}
