using System.Text.RegularExpressions;

namespace Calls.Tidy;

public partial class DecisionRecordTests
{
    private const string Folder = "docs/adr/";
    private const string Index = "docs/adr/README.md";

    private static IEnumerable<RepositoryFile> Records =>
        Repository
            .WithExtension(".md")
            .Where(f => f.Path.StartsWith(Folder, StringComparison.Ordinal) && f.Path != Index);

    [Fact]
    public void Each_says_context_decision_and_consequences() =>
        Records
            .SelectMany(
                record => (string[])["## Context", "## Decision", "## Consequences"],
                (record, part) => (record, part)
            )
            .Where(found => !found.record.Lines.Any(line => line.Text == found.part))
            .Select(found => $"{found.record} lacks {found.part}")
            .ShouldBeNone("A record says why, what, and what follows:");

    [Fact]
    public void They_are_numbered_without_a_gap()
    {
        Records.ShouldNotBeEmpty();
        Records.ShouldAllBe(record => NamePattern().IsMatch(record.Name));
        Records.Select(record => int.Parse(record.Name[..4])).ShouldBe(Enumerable.Range(1, Records.Count()));
    }

    [Fact]
    public void The_index_lists_each()
    {
        var index = Repository.File(Index);
        Records
            .Where(record => !Markdown.Links(index).Contains(record.Name, StringComparer.Ordinal))
            .Select(record => record.Path)
            .ShouldBeNone($"Not in {Index}:");
    }

    [GeneratedRegex(@"^\d{4}(-[a-z0-9]+)+\.md$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();
}
