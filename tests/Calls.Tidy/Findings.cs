namespace Calls.Tidy;

/// <summary>What a rule found, one line each; a test wants none and shows them all at once.</summary>
internal static class Findings
{
    public static void ShouldBeNone(this IEnumerable<string> findings, string rule)
    {
        var found = findings.ToArray();
        found.ShouldBeEmpty($"{rule}\n  {string.Join("\n  ", found)}\n");
    }
}
