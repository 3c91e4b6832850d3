using System.Text.RegularExpressions;

namespace Calls.Tidy;

/// <summary>The commands of <c>build.sh</c>, as it runs them and as its help lists them.</summary>
internal static partial class BuildScript
{
    private static string Text => Repository.File("build.sh").Text;

    public static string[] Commands() =>
        [
            .. CasePattern()
                .Matches(Text[Text.IndexOf("case \"$command\"", StringComparison.Ordinal)..])
                .Select(match => match.Groups["name"].Value),
        ];

    public static string[] Usage() => [.. UsagePattern().Matches(Text).Select(match => match.Groups["name"].Value)];

    [GeneratedRegex(@"^  (?<name>[a-z]+)( \|[^)]*)?\)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex CasePattern();

    [GeneratedRegex(@"^  (?<name>[a-z]+)  +\w", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex UsagePattern();
}
