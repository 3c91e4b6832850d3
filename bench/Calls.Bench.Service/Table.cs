using System.Globalization;
using System.Text;

namespace Calls.Bench.Service;

/// <summary>What was measured, for people: a heading and a Markdown table.</summary>
internal sealed class Table(string title, string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(string first, params ReadOnlySpan<double> figures)
    {
        var row = new List<string> { first };
        foreach (var figure in figures)
            row.Add(figure.ToString(Math.Abs(figure) < 100 ? "0.00" : "0", CultureInfo.InvariantCulture));
        _rows.Add([.. row]);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("## ").Append(title).Append("\n\n");
        foreach (var row in new[] { columns, [.. columns.Select(_ => "---")] }.Concat(_rows))
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        return text.ToString();
    }
}
