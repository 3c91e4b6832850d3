using System.Reflection;

namespace Calls.Actors.Tests.Calls;

public sealed class CommandTableTests
{
    private const string Document = "docs/protocol.md";

    [Fact]
    public void The_document_says_of_every_request_in_every_state_what_the_actors_do()
    {
        var table = CommandTable.Lines();
        var written = File.ReadAllLines(Path.Combine(Root(), Document))
            .SkipWhile(line => line != table[0])
            .TakeWhile(line => line.StartsWith('|'));
        written.ShouldBe(table, $"{Document} must have this table:\n\n{string.Join('\n', table)}\n");
    }

    private static string Root() =>
        typeof(CommandTableTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "RepositoryRoot")
            .Value!;
}
