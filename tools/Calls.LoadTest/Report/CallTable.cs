using System.Globalization;
using System.Text;

namespace Calls.LoadTest.Report;

/// <summary>A row for each call, those with errors first, then by their delay.</summary>
internal static class CallTable
{
    /// <summary>Rows that a page shows; the JSON file has all.</summary>
    public const int MaxRows = 500;

    private const string Heads =
        "<th>call<th>pattern<th>members<th>start, s<th>end, s<th>ring, ms<th>join, ms<th>heard<th>lost<th>loss, %"
        + "<th>jitter, ms<th>delay p50<th>delay p99<th>tones<th>errors";

    public static void Write(StringBuilder page, IReadOnlyList<CallLine> calls)
    {
        page.Append("<h2>Calls</h2>");
        if (calls.Count > MaxRows)
            page.Append(
                CultureInfo.InvariantCulture,
                $"<p>The {MaxRows} worst of {calls.Count}; the JSON file has them all.</p>"
            );
        page.Append("<div class=\"wide\"><table><thead><tr>").Append(Heads).Append("</tr></thead><tbody>");
        var worst = calls
            .OrderByDescending(call => call.Errors.Count)
            .ThenByDescending(call => call.DelayP99Ms ?? 0)
            .ThenBy(call => call.Number);
        foreach (var call in worst.Take(MaxRows))
            Row(page, call);
        page.Append("</tbody></table></div>");
    }

    private static void Row(StringBuilder page, CallLine call)
    {
        page.Append(
            CultureInfo.InvariantCulture,
            $"<tr><td title=\"{Html.Text(call.Channel)}\">{call.Number}<td>{call.Pattern}"
        );
        Cell(page, call.Members);
        Cell(page, call.StartedAt, "0.0");
        Cell(page, call.EndedAt, "0.0");
        Cell(page, call.MaxRingMs);
        Cell(page, call.MaxJoinMs);
        Cell(page, call.Heard);
        Cell(page, call.Lost);
        Cell(page, call.Loss * 100, "0.###");
        Cell(page, call.MaxJitterMs, "0.##");
        Cell(page, call.DelayP50Ms, "0.##");
        Cell(page, call.DelayP99Ms, "0.##");
        page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{call.TonesFound}/{call.TonesExpected}");
        page.Append("<td class=\"errors\">").Append(Html.Text(string.Join("; ", call.Errors))).Append("</tr>");
    }

    private static void Cell(StringBuilder page, double? value, string format = "0") =>
        page.Append("<td class=\"n\">").Append(value?.ToString(format, CultureInfo.InvariantCulture) ?? "–");
}
