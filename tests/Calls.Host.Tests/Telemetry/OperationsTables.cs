using System.Text.RegularExpressions;

namespace Calls.Host.Tests.Telemetry;

/// <summary>A row of the document's table of metrics.</summary>
public sealed record MetricRow(string Name, string Type, string Unit, IReadOnlyList<string> Attributes);

/// <summary>A row of its table of spans; <c>{…}</c> in a name stands for anything.</summary>
public sealed record SpanRow(string Name, string Source, IReadOnlyList<string> Attributes)
{
    public bool Fits(ExportedSpan span) =>
        span.Source == Source
        && Regex.IsMatch(
            span.Name,
            $"^{Regex.Replace(Regex.Escape(Name), @"\\\{[a-z]+}", ".+", RegexOptions.None, TimeSpan.FromSeconds(1))}$",
            RegexOptions.None,
            TimeSpan.FromSeconds(1)
        );
}

/// <summary>What <c>docs/operations.md</c> promises.</summary>
public static partial class OperationsTables
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "operations.md"));

    public static IReadOnlyList<MetricRow> Metrics { get; } =
    [
        .. Rows("metric")
            .Select(cells => new MetricRow(Spans(cells[0])[0], cells[1], Spans(cells[2])[0], Spans(cells[3]))),
    ];

    public static IReadOnlyList<SpanRow> Traces { get; } =
    [.. Rows("span").Select(cells => new SpanRow(Spans(cells[0])[0], Spans(cells[1])[0], Spans(cells[2])))];

    /// <summary>The values that an attribute may have, by its name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Values { get; } =
        Rows("attribute")
            .ToDictionary(
                cells => Spans(cells[0])[0],
                cells => (IReadOnlyList<string>)Spans(cells[1]),
                StringComparer.Ordinal
            );

    /// <summary>Whether the text outside of the tables names something in backticks.</summary>
    public static bool Mentions(string name) => Text.Contains($"`{name}`", StringComparison.Ordinal);

    /// <summary>The cells of the table whose first column has that head.</summary>
    private static IEnumerable<string[]> Rows(string head) =>
        Text.Split('\n')
            .SkipWhile(line => !line.StartsWith($"| {head} |", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|')[1..^1].Select(cell => cell.Trim()).ToArray());

    private static string[] Spans(string cell) => [.. Code().Matches(cell).Select(match => match.Groups["code"].Value)];

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
