using System.Globalization;

namespace Calls.Bench.Media.Servers;

/// <summary>The words before a command that put it on one core, and before what else the machine does (where that is allowed).</summary>
internal static class PinnedProcess
{
    public static string[] Words(int core) =>
        ["nice", "-n", "-19", "taskset", "-c", core.ToString(CultureInfo.InvariantCulture)];
}
