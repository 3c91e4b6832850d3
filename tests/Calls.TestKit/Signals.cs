using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Calls.TestKit;

/// <summary>What happens to processes.</summary>
internal static partial class Signals
{
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    /// <summary>Stops it in its tracks; its connections stay open and nothing is answered.</summary>
    public static void Freeze(Process process) => Send(process, SigStop);

    /// <summary>Lets it go on.</summary>
    public static void Thaw(Process process) => Send(process, SigCont);

    /// <summary>Asks it to end, as an orchestrator does.</summary>
    public static void Terminate(Process process) => Send(process, SigTerm);

    private static void Send(Process process, int signal)
    {
        if (Kill(process.Id, signal) != 0)
            throw new InvalidOperationException($"Signal {signal} cannot be sent.");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
