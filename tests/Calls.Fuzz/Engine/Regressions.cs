using System.Globalization;

namespace Calls.Fuzz.Engine;

/// <summary>Inputs that have once shown a fault, kept in the repository and run by every test run from then on.</summary>
internal static class Regressions
{
    public static string Folder { get; } = Path.Combine(Corpus.Folder, "regressions");

    /// <summary>Keeps a finding's input.</summary>
    /// <returns>The file.</returns>
    public static string Write(Finding finding, string folder)
    {
        var place = Path.Combine(folder, finding.Target);
        Directory.CreateDirectory(place);
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Kind.ToString().ToLowerInvariant()}-{finding.Seed}-{finding.Case}.bin"
        );
        var path = Path.Combine(place, name);
        File.WriteAllBytes(path, finding.Input);
        return path;
    }

    /// <summary>The files of a target.</summary>
    public static IReadOnlyList<string> Of(string target)
    {
        var place = Path.Combine(Folder, target);
        return Directory.Exists(place) ? [.. Directory.GetFiles(place, "*.bin").Order(StringComparer.Ordinal)] : [];
    }
}
