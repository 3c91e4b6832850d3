using System.Text.RegularExpressions;
using Calls.Host.Settings;

namespace Calls.Tidy;

public partial class DocumentTests
{
    private static readonly string[] KnownExtensions =
    [
        ".cs",
        ".csproj",
        ".slnx",
        ".props",
        ".md",
        ".json",
        ".hocon",
        ".yml",
        ".sh",
        ".js",
        ".mjs",
        ".css",
        ".html",
        ".txt",
        ".c",
    ];

    [Fact]
    public void Every_link_leads_somewhere() =>
        Markdown
            .Files.SelectMany(Markdown.Links, (file, link) => (file, link))
            .Where(found => !LeadsSomewhere(found.file, found.link))
            .Select(found => $"{found.file}: {found.link}")
            .ShouldBeNone("A link leads nowhere:");

    [Fact]
    public void Every_file_that_is_named_exists() =>
        Markdown
            .Files.SelectMany(Markdown.CodeSpans, (file, span) => (file, path: span))
            .Where(found => IsPath(found.path) && !IsThere(found.file, found.path))
            .Select(found => $"{found.file}: {found.path}")
            .ShouldBeNone("A document names a file that does not exist:");

    [Fact]
    public void Every_command_that_is_named_exists()
    {
        var commands = BuildScript.Commands();
        Repository
            .Files.Where(file => file.Path != "build.sh")
            .SelectMany(
                file => CommandPattern().Matches(file.Text),
                (file, match) => (file, command: match.Groups["command"].Value)
            )
            .Where(found => !commands.Contains(found.command, StringComparer.Ordinal))
            .Select(found => $"{found.file}: ./build.sh {found.command}")
            .ShouldBeNone("build.sh has no such command:");
    }

    [Fact]
    public void Every_command_is_in_the_scripts_own_help() =>
        BuildScript
            .Commands()
            .Except(BuildScript.Usage(), StringComparer.Ordinal)
            .ShouldBeNone("Not in the usage of build.sh:");

    [Fact]
    public void The_readme_names_the_two_commands()
    {
        var readme = Repository.File("README.md").Text;
        readme.ShouldContain("./build.sh run");
        readme.ShouldContain("./build.sh test");
    }

    [Fact]
    public void Every_setting_that_is_named_exists() =>
        Repository
            .Files.Where(file => file.Extension is ".md" or ".yml" or ".sh" or ".hocon" || file.Name == "Dockerfile")
            .SelectMany(file => SettingNames(file.Text), (file, name) => (file, name))
            .Where(found => !IsSetting(found.name))
            .Select(found => $"{found.file}: {found.name}")
            .ShouldBeNone("There is no such setting:");

    private static bool LeadsSomewhere(RepositoryFile file, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0 ? file.Path : Resolve(file, parts[0]);
        if (!Repository.Exists(target))
            return false;
        return parts.Length == 1
            || !target.EndsWith(".md", StringComparison.Ordinal)
            || Markdown.Anchors(Repository.File(target)).Contains(parts[1], StringComparer.Ordinal);
    }

    /// <summary>A path has a known ending, or begins with a folder of the root; <c>/healthz</c> and <c>opus/48000</c> are none.</summary>
    private static bool IsPath(string span)
    {
        if (span.StartsWith('/') || span.Contains("://", StringComparison.Ordinal) || !PathPattern().IsMatch(span))
            return false;
        if (Repository.IsGenerated(span))
            return false;
        return KnownExtensions.Any(e => span.EndsWith(e, StringComparison.Ordinal) && span.Length > e.Length)
            || (
                span.Contains('/')
                && Repository.Files.Any(f => f.Path.StartsWith(span.Split('/')[0] + "/", StringComparison.Ordinal))
            );
    }

    /// <summary>From the root, from the document's folder, or, for a bare name, anywhere.</summary>
    private static bool IsThere(RepositoryFile file, string path)
    {
        path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        return Repository.Exists(path)
            || Repository.Exists(Resolve(file, path))
            || Repository.Files.Any(f => f.Path.EndsWith($"/{path}", StringComparison.Ordinal));
    }

    private static string Resolve(RepositoryFile file, string path)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, file.Path))!;
        return Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(folder, path))).Replace('\\', '/');
    }

    /// <summary>Settings in both spellings, in dotted form.</summary>
    private static IEnumerable<string> SettingNames(string text) =>
        SettingPattern()
            .Matches(text)
            .Select(match => match.Value)
            .Concat(VariablePattern().Matches(text).Select(m => m.Value.ToLowerInvariant().Replace("__", ".")));

    private static bool IsSetting(string name)
    {
        // An item of a list has a number where the table has brackets.
        var key = NumberPattern().Replace(name, m => m.Groups["rest"].Length > 0 ? $"[]{m.Groups["rest"].Value}" : "");
        return name == Wire.Subprotocol
            || Telemetry.Names.Contains(name)
            || SettingTable.All.Any(row => row.Key == key || row.Key.StartsWith($"{key}.", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^[\w.\-/]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"\./build\.sh (?<command>[a-z]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommandPattern();

    // Not within host names, addresses and paths: https://calls.example.org, ops@calls.example.org.
    [GeneratedRegex(
        @"(?<![\w./@:]|\w-)calls(\.[a-z0-9_]+(\[\])?)+(?![\w-])",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        1000
    )]
    private static partial Regex SettingPattern();

    [GeneratedRegex(@"\bCALLS(__[A-Z0-9]+(_[A-Z0-9]+)*)+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VariablePattern();

    [GeneratedRegex(@"\.[0-9]+(?<rest>\.|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NumberPattern();
}
