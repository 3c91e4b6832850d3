using System.Text.RegularExpressions;

namespace Calls.Tidy;

/// <summary>What Markdown files name.</summary>
internal static partial class Markdown
{
    public static IEnumerable<RepositoryFile> Files => Repository.WithExtension(".md");

    /// <summary>The targets of links that lead to files of the repository.</summary>
    public static IEnumerable<string> Links(RepositoryFile file) =>
        LinkPattern()
            .Matches(WithoutFences(file.Text))
            .Select(match => match.Groups["target"].Value)
            .Where(target =>
                !target.Contains("://", StringComparison.Ordinal)
                && !target.StartsWith("mailto:", StringComparison.Ordinal)
            );

    /// <summary>What stands in backticks within a line.</summary>
    public static IEnumerable<string> CodeSpans(RepositoryFile file) =>
        SpanPattern().Matches(WithoutFences(file.Text)).Select(match => match.Groups["code"].Value);

    /// <summary>The anchors that GitHub and others make of a file's headings.</summary>
    public static IEnumerable<string> Anchors(RepositoryFile file) =>
        HeadingPattern()
            .Matches(WithoutFences(file.Text))
            .Select(match => match.Groups["title"].Value.Trim().ToLowerInvariant())
            .Select(title =>
                string.Concat(title.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-')
            );

    private static string WithoutFences(string text) => FencePattern().Replace(text, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SpanPattern();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex HeadingPattern();

    [GeneratedRegex(
        @"^```.*?^```",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline,
        1000
    )]
    private static partial Regex FencePattern();
}
