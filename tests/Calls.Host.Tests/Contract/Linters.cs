using System.Diagnostics;
using System.Reflection;

namespace Calls.Host.Tests.Contract;

/// <summary>The public linters, each run as a process of its own.</summary>
internal static class Linters
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static string Folder { get; } =
        Path.GetFullPath(
            typeof(Linters)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .First(a => a.Key == "LintersPath")
                .Value!
        );

    /// <summary>What they find in a document, one a line.</summary>
    /// <param name="kind"><c>openapi</c> or <c>asyncapi</c>.</param>
    public static async Task<string[]> Findings(string kind, string document)
    {
        Directory
            .Exists(Path.Combine(Folder, "node_modules"))
            .ShouldBeTrue(
                "The linters are not installed: run './build.sh test Host' once, or 'npm ci' in tests/linters"
            );
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, document);
            var start = new ProcessStartInfo("node", ["lint.mjs", kind, file])
            {
                UseShellExecute = false,
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(Deadline);
            var said = process.StandardOutput.ReadToEndAsync(patience.Token);
            var failed = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            var findings = (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            // 1 with findings and 0 without are the only ends of a linter that did its work.
            process.ExitCode.ShouldBe(findings.Length > 0 ? 1 : 0, await failed);
            return findings;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
