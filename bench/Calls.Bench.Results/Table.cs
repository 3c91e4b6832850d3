using System.Globalization;
using System.Text;

namespace Calls.Bench.Results;

/// <summary>What was measured, for people: a heading and a Markdown table.</summary>
public sealed class Table(string title, IReadOnlyList<string> columns)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row of figures behind its name.</summary>
    public void Add(string first, params ReadOnlySpan<double> figures)
    {
        var row = new List<string> { first };
        foreach (var figure in figures)
            row.Add(figure.ToString(Math.Abs(figure) < 100 ? "0.00" : "0", CultureInfo.InvariantCulture));
        _rows.Add(row);
    }

    /// <summary>Adds a row as it is to stand.</summary>
    public void AddRow(params string[] cells) => _rows.Add(cells);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("### ").Append(title).Append("\n\n");
        foreach (var row in _rows.Prepend([.. columns.Select(_ => "---")]).Prepend(columns))
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        return text.ToString();
    }
}
