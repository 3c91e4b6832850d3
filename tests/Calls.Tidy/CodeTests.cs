using System.Text.RegularExpressions;

namespace Calls.Tidy;

public partial class CodeTests
{
    /// <summary>Nobody knows any more what may be touched in a longer one.</summary>
    private const int MaxLines = 500;

    /// <summary>It reads as a table of contents.</summary>
    private const int MaxProgramLines = 80;

    [Fact]
    public void No_file_is_too_long() =>
        Repository
            .WithExtension(".cs", ".js", ".mjs", ".css", ".sh")
            .Where(file => file.Lines.Count() > MaxLines + 1)
            .Select(file => $"{file}: {file.Lines.Count() - 1} lines")
            .ShouldBeNone($"No file has more than {MaxLines} lines:");

    [Fact]
    public void The_program_is_a_table_of_contents() =>
        Repository.File("src/Calls.Host/Program.cs").Lines.Count().ShouldBeLessThanOrEqualTo(MaxProgramLines);

    [Fact]
    public void Nothing_is_left_for_later() =>
        Matches(Repository.Files.Where(file => file.Path != "LICENSE"), Unfinished())
            .ShouldBeNone("Do it, or raise an error that says so:");

    [Fact]
    public void Nothing_sleeps() =>
        Matches(Repository.WithExtension(".cs"), Sleep())
            .ShouldBeNone("Wait for what was observed, or pass the TimeProvider:");

    [Fact]
    public void Types_are_named_after_what_they_do() =>
        Matches(Repository.WithExtension(".cs", ".js", ".mjs"), EmptyName())
            .ShouldBeNone("A name that says nothing collects everything:");

    private static IEnumerable<string> Matches(IEnumerable<RepositoryFile> files, Regex pattern) =>
        files.SelectMany(
            file => file.Lines.Where(line => pattern.IsMatch(line.Text)),
            (file, line) => $"{file}:{line.Number}: {line.Text.Trim()}"
        );

    // The brackets keep these lines from finding themselves.
    [GeneratedRegex(@"\b(TO[D]O|FIXM[E]|HAC[K]|NotImplemented[E]xception)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bThread\.[S]leep\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sleep();

    [GeneratedRegex(
        @"\b(class|record|struct|interface)\s+\w*(Manager|Helpers?|Utils?)\b",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex EmptyName();
}
