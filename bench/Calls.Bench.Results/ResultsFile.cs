using System.Text;

namespace Calls.Bench.Results;

/// <summary>The results as they are kept: a part for each bench, with when, on what machine and of which commit. A bench that is run writes its own part and leaves the others'.</summary>
public static class ResultsFile
{
    private const string Path = "bench/RESULTS.md";

    private const string Head = """
        # Results of the benchmarks

        Written by `./build.sh bench`. Times differ between machines and with what else they do; the ratios are of rounds
        that took turns in one run.
        """;

    /// <summary>Writes a part into the repository's file, from the repository's folder.</summary>
    /// <param name="part">Its heading.</param>
    /// <param name="introduction">What is to be known before the tables.</param>
    /// <param name="tables">What was measured.</param>
    public static void Write(string part, string introduction, IEnumerable<Table> tables)
    {
        var text = new StringBuilder();
        text.Append(introduction).Append("\n\n").Append(Provenance.Line()).Append('\n');
        foreach (var table in tables)
            text.Append('\n').Append(table);
        File.WriteAllText(Path, With(File.Exists(Path) ? File.ReadAllText(Path) : "", part, text.ToString()));
    }

    /// <summary>A file's text with a part in the place of the one of that heading, or behind all others.</summary>
    public static string With(string file, string part, string content)
    {
        var parts = new List<(string Heading, string Text)>();
        foreach (var piece in file.Split("\n## ").Skip(1))
        {
            var end = piece.IndexOf('\n', StringComparison.Ordinal);
            parts.Add((piece[..end], piece[end..].Trim('\n')));
        }
        var written = (part, content.Trim('\n'));
        var place = parts.FindIndex(each => each.Heading == part);
        if (place < 0)
            parts.Add(written);
        else
            parts[place] = written;
        var text = new StringBuilder(Head).Append('\n');
        foreach (var (heading, body) in parts)
            text.Append("\n## ").Append(heading).Append("\n\n").Append(body).Append('\n');
        return text.ToString();
    }
}
