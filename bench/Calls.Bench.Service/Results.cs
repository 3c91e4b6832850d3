using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Calls.Bench.Service;

/// <summary>The results as they are kept: when, on what machine, of which commit.</summary>
internal static class Results
{
    private const string Head = """
        # Results of the service's benchmarks

        Written by `./build.sh bench`. Times differ between machines and with what else they do; the ratios are of rounds
        that took turns in one run. "Bare" is a WebSocket server that appends one event to the same journal and tells as
        many connections, and does nothing else.
        """;

    public static void Write(string file, IEnumerable<Table> tables)
    {
        var text = new StringBuilder();
        text.Append(Head).Append("\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, commit {Commit()}, {Machine()}\n");
        foreach (var table in tables)
            text.Append('\n').Append(table);
        File.WriteAllText(file, text.ToString());
    }

    private static string Machine()
    {
        var processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var name = processor?.Split(':')[1].Trim() ?? "unknown processor";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        return $"{Environment.ProcessorCount} cores of {name}, {memory} GiB, {RuntimeInformation.FrameworkDescription}";
    }

    private static string Commit()
    {
        var commit = Git("rev-parse", "--short", "HEAD");
        return Git("status", "--porcelain", "--", "src").Length == 0 ? commit : $"{commit} with changes";
    }

    private static string Git(params string[] words)
    {
        using var git = Process.Start(
            new ProcessStartInfo("git", words) { RedirectStandardOutput = true, UseShellExecute = false }
        )!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
}
