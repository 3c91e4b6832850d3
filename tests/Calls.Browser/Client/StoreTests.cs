using System.Text.RegularExpressions;
using Calls.Browser.Parts;

namespace Calls.Browser.Client;

/// <summary>The client's state machine (U3): its tests stand in store-tests.js, beside what they test in language and words.</summary>
[Collection(BrowserTests.Name)]
public sealed partial class StoreTests(Chromium chromium)
{
    public static TheoryData<string> Sentences()
    {
        var source = File.ReadAllText(Path.Combine(Site.Folder, "store-tests.js"));
        return [.. TestName().Matches(source).Select(match => match.Groups["sentence"].Value)];
    }

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task In_the_store(string sentence)
    {
        var page = await Site.Open(chromium.Browser);

        await page.EvaluateAsync(
            "async (sentence) => (await import('/store-tests.js')).tests.get(sentence)()",
            sentence
        );

        await page.Context.CloseAsync();
    }

    [GeneratedRegex(
        "^test\\('(?<sentence>.+)', \\(\\) => \\{$",
        RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex TestName();
}
