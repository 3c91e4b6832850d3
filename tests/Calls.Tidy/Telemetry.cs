using System.Text.RegularExpressions;

namespace Calls.Tidy;

/// <summary>The names of metrics and attributes that the code has. They begin as settings do, and are none.</summary>
internal static partial class Telemetry
{
    public static IReadOnlySet<string> Names { get; } =
        Repository
            .WithExtension(".cs")
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
            .Where(Measures)
            .SelectMany(file => Literal().Matches(file.Text))
            .Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);

    private static bool Measures(RepositoryFile file) =>
        file.Text.Contains("System.Diagnostics.Metrics", StringComparison.Ordinal)
        || file.Text.Contains("SetTag(", StringComparison.Ordinal);

    [GeneratedRegex("\"(?<name>calls(\\.[a-z0-9_]+)+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literal();
}
