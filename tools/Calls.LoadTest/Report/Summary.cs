using System.Globalization;
using System.Text;

namespace Calls.LoadTest.Report;

/// <summary>The report in some lines, for the terminal.</summary>
internal static class Summary
{
    public static string Of(RunReport report, ReportFiles files)
    {
        var text = new StringBuilder();
        var totals = report.Totals;
        Line(
            text,
            $"{totals.Calls} calls of {report.Settings.Users} users in {report.TookSecs:0} s: {totals.Rings} rings, {totals.Joins} joins, {totals.Errors} errors"
        );
        Line(text, $"ring        {Times(report.RingMs)}");
        Line(text, $"join        {Times(report.JoinMs)}");
        Line(text, $"first sound {Times(report.FirstSoundMs)}");
        Line(text, $"delay       {Times(report.DelayMs)}");
        Line(
            text,
            $"packets     {totals.PacketsSent} sent, {totals.PacketsHeard} heard, {totals.PacketsLost} lost ({totals.Loss * 100:0.####} %)"
        );
        if (report.Settings.Retransmission)
            Line(text, $"recovered   {totals.PacketsRecovered} packets came when they were asked for again");
        Line(
            text,
            $"tones       {totals.TonesFound} of {totals.TonesExpected} found, {totals.WrongSound} times somebody else heard, {totals.UnclearWindows} windows of 100 ms nobody's tone"
        );
        foreach (var (kind, count) in report.Errors)
            Line(text, $"error       {count} × {kind}");
        Line(text, $"{report.Own.Why} Its media lag was {report.Own.MediaLagMs.P99:0.##} ms (p99).");
        foreach (var limit in report.Limits)
            Line(text, $"{(limit.Held ? "held  " : "BROKEN")}      {limit.Name} {limit.Limit}: {limit.Measured}");
        text.Append(CultureInfo.InvariantCulture, $"{files.Json}  {files.Html}");
        return text.ToString();
    }

    private static string Times(Percentiles ms) =>
        ms.Count == 0
            ? "–"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"p50 {ms.P50:0.##}, p95 {ms.P95:0.##}, p99 {ms.P99:0.##}, max {ms.Max:0.##} ms"
            );

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
