using System.Globalization;
using Calls.Bench.Results;

namespace Calls.Bench.Service;

/// <summary>What a signed-in connection that does nothing costs the service in memory (resident set), heartbeats included.</summary>
internal static class MemoryBench
{
    private const int Connections = 10_000;
    private const int WarmUps = 500;
    private const int AtOnce = 50;

    /// <summary>Files that the bench and the service each have open besides their connections.</summary>
    private const int OtherFiles = 1_000;

    /// <summary>The collector and the heartbeats come to rest within this.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    public static async Task<Table> Run()
    {
        var limit = OpenFiles();
        if (limit < Connections + OtherFiles)
            throw new InvalidOperationException(
                $"{Connections + OtherFiles} open files are needed and {limit} allowed: ulimit -n {Connections + OtherFiles}"
            );
        await using var service = await LiveService.Start("embedded");
        await Connect(service, WarmUps, "warm");
        await Task.Delay(Rest);
        var before = ResidentKib(service);
        await Connect(service, Connections, "idle");
        await Task.Delay(Rest);
        var after = ResidentKib(service);
        var table = new Table("Memory of idle connections", ["connections", "MiB before", "MiB after", "KB each"]);
        table.Add($"{Connections}", before / 1024.0, after / 1024.0, (after - before) * 1.024 / Connections);
        return table;
    }

    /// <summary>They stay connected until the program ends: closing ten thousand measures nothing.</summary>
    private static async Task Connect(LiveService service, int count, string name)
    {
        var made = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, AtOnce)
                .Select(async _ =>
                {
                    while (Interlocked.Increment(ref made) is var number && number <= count)
                        Kept.Add(await service.SignIn($"{name}-{number}", bufferBytes: 512));
                })
        );
    }

    private static readonly System.Collections.Concurrent.ConcurrentBag<Line> Kept = [];

    private static long ResidentKib(LiveService service) => Read($"/proc/{service.ProcessId}/status", "VmRSS:", 1);

    private static long OpenFiles() => Read("/proc/self/limits", "Max open files", 4);

    private static long Read(string file, string line, int word)
    {
        var found = File.ReadLines(file).Single(l => l.StartsWith(line, StringComparison.Ordinal));
        var words = found.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[word], CultureInfo.InvariantCulture);
    }
}
