namespace Calls.Tidy;

public class ProtocolDocumentTests
{
    private const string Document = "docs/protocol.md";

    [Fact]
    public void It_mentions_all_that_the_code_says_and_understands()
    {
        // Until it is written, the contract's names are only checked to be there at all.
        var names = Wire.Requests.Concat(Wire.Events).Concat(Wire.Errors).ToArray();
        names.ShouldNotBeEmpty();
        if (!Repository.Exists(Document))
            return;
        var mentioned = Markdown.CodeSpans(Repository.File(Document)).ToHashSet(StringComparer.Ordinal);
        names.Where(name => !mentioned.Contains(name)).ShouldBeNone($"{Document} does not mention, in backticks:");
    }
}
