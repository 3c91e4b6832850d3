using Calls.LoadTest.Run;

namespace Calls.LoadTest.Report;

/// <summary>Where a report was written.</summary>
internal sealed record ReportFiles(string Json, string Html)
{
    /// <summary>Writes both files, the folder too.</summary>
    /// <exception cref="LoadTestException">They cannot be written.</exception>
    public static async Task<ReportFiles> Write(RunReport report, string path)
    {
        var files = new ReportFiles($"{path}.json", $"{path}.html");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            await File.WriteAllTextAsync(files.Json, report.ToJson());
            await File.WriteAllTextAsync(files.Html, HtmlReport.Write(report));
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadTestException($"The report cannot be written to {path}: {e.Message}", e);
        }
    }
}
