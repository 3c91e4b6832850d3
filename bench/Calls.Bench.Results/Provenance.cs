using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Calls.Bench.Results;

/// <summary>When, where and of what figures are.</summary>
internal static class Provenance
{
    public static string Line() =>
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, commit {Commit()}, {Machine()}");

    private static string Machine()
    {
        var processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var name = processor?.Split(':')[1].Trim() ?? "unknown processor";
        var cores = File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal)) - 1;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        return $"{cores} cores of {name}, {memory} GiB, {RuntimeInformation.FrameworkDescription}";
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
