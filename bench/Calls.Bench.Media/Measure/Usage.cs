using System.Globalization;

namespace Calls.Bench.Media.Measure;

/// <summary>What server, generator and others have used of the cores until a moment.</summary>
/// <param name="Server">Run time of each of the server's threads, in ns.</param>
/// <param name="Generator">The same of this process.</param>
/// <param name="ServerCore">How long anything ran on the server's core, in ns.</param>
/// <param name="GeneratorCore">The same of the generator's.</param>
internal sealed record Usage(
    IReadOnlyDictionary<int, long> Server,
    IReadOnlyDictionary<int, long> Generator,
    long ServerCore,
    long GeneratorCore
)
{
    private const string CoreTimes = "/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu";

    public static Usage Read(int server, Cores cores)
    {
        // To the nanosecond where this control group is there, else by the ticks that fell on anything.
        var isExact = File.Exists(CoreTimes);
        var text = File.ReadAllText(isExact ? CoreTimes : "/proc/stat");
        Func<string, int, long> read = isExact ? ProcFiles.CoreTimeOfGroup : ProcFiles.CoreTimeOfTicks;
        return new Usage(
            Threads(server),
            Threads(Environment.ProcessId),
            read(text, cores.Server),
            read(text, cores.Generator)
        );
    }

    /// <summary>How long threads ran between two readings, in ns; of those that ended meanwhile the rest is not known.</summary>
    public static long Between(IReadOnlyDictionary<int, long> before, IReadOnlyDictionary<int, long> after) =>
        after.Sum(thread => thread.Value - before.GetValueOrDefault(thread.Key));

    private static Dictionary<int, long> Threads(int process)
    {
        var times = new Dictionary<int, long>();
        foreach (var folder in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            try
            {
                var thread = int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
                times[thread] = ProcFiles.RunTime(File.ReadAllText($"{folder}/schedstat"));
            }
            catch (IOException)
            {
                // It has ended since.
            }
        }
        return times;
    }
}

/// <summary>Which core is whose.</summary>
internal sealed record Cores(int Server, int Generator);
