using System.Globalization;
using System.Text;
using Calls.LoadTest.Measure;

namespace Calls.LoadTest.Report;

/// <summary>The report as one page that needs nothing else: no script, no font, no picture from elsewhere.</summary>
internal static class HtmlReport
{
    public static string Write(RunReport report)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">")
            .Append("<title>Load test of ")
            .Append(Html.Text($"{report.StartedAt:yyyy-MM-dd HH:mm} UTC"))
            .Append("</title><style>")
            .Append(HtmlStyle.Css)
            .Append("</style></head><body><main>");
        Head(page, report);
        Limits(page, report);
        Figures(page, report);
        Plots(page, report);
        Errors(page, report);
        CallTable.Write(page, report.Calls);
        page.Append("</main></body></html>\n");
        return page.ToString();
    }

    private static void Head(StringBuilder page, RunReport report)
    {
        var s = report.Settings;
        Line(page, $"<h1>Load test of {report.StartedAt:yyyy-MM-dd HH:mm} UTC</h1>");
        Line(
            page,
            $"<p>{s.Calls} conversations of {s.Size} members ({s.Users} users), pattern {Word(s.Pattern)}, begun at {s.RatePerSecond:0.##} a second, full load for {s.DurationSecs:0.#} s; SRTP {Html.Text(s.Profile)}; listening: {Word(s.Listen)}; seed {s.Seed}. {Service(s)} Load tester on {Html.Text(report.Machine)}.</p>"
        );
        if (report.Interrupted)
            page.Append("<p class=\"bad\">The run was interrupted before its end.</p>");
        Line(
            page,
            $"<p class=\"{(report.Own.Bottleneck ? "bad" : "good")}\">{Html.Text(report.Own.Why)} Its media lag: p50 {report.Own.MediaLagMs.P50:0.##}, p99 {report.Own.MediaLagMs.P99:0.##} ms; its signalling was at most {report.Own.MaxSignallingLagMs:0.#} ms late; it used at most {report.Own.MaxCores:0.##} cores.</p>"
        );
    }

    private static string Service(RunSettings settings) =>
        settings.OwnService
            ? "The service was the load test's own, from the build, on the same machine."
            : $"The service: {Html.Text(string.Join(", ", settings.Nodes))}.";

    private static void Limits(StringBuilder page, RunReport report)
    {
        if (report.Limits.Count == 0)
            return;
        Line(
            page,
            $"<h2>Limits: {(report.Held ? "held" : "broken")}</h2><table><thead><tr><th>limit<th>asked<th>measured<th></tr></thead><tbody>"
        );
        foreach (var limit in report.Limits)
            Line(
                page,
                $"<tr><td>{limit.Name}<td>{limit.Limit}<td>{limit.Measured}<td class=\"{(limit.Held ? "good\">held" : "bad\">broken")}</tr>"
            );
        page.Append("</tbody></table>");
    }

    private static void Figures(StringBuilder page, RunReport report)
    {
        var totals = report.Totals;
        page.Append("<h2>Figures</h2><div class=\"tiles\">");
        Tile(page, "calls", $"{totals.Calls}", $"{totals.Rings} rings, {totals.Joins} joins");
        Tile(page, "errors", $"{totals.Errors}", $"{(totals.Errors == 0 ? "none" : "see below")}");
        Tile(
            page,
            "packets heard",
            $"{totals.PacketsHeard:#,0}",
            $"{totals.PacketsLost:#,0} lost: {totals.Loss * 100:0.####} %{(report.Settings.Retransmission ? $", {totals.PacketsRecovered} came when asked for again" : "")}"
        );
        Tile(
            page,
            "tones found",
            $"{totals.TonesFound} of {totals.TonesExpected}",
            $"{totals.WrongSound} times somebody else heard, {totals.UnclearWindows} × 100 ms nobody's tone"
        );
        page.Append("</div><table><thead><tr><th>milliseconds<th>p50<th>p95<th>p99<th>max<th>of</tr></thead><tbody>");
        Row(page, "ring: start to a callee's ring", report.RingMs);
        Row(page, "join: start or join to media that can flow", report.JoinMs);
        Row(page, "first sound: join to the first packet of another (pauses included)", report.FirstSoundMs);
        Row(page, "delay: speaker's socket to listener's", report.DelayMs);
        page.Append("</tbody></table>");
    }

    private static void Plots(StringBuilder page, RunReport report)
    {
        var samples = report.Samples;
        var end = Math.Max(report.TookSecs, samples.Count == 0 ? 0 : samples[^1].At);
        page.Append("<h2>Over time</h2><div class=\"plots\">");
        Draw(
            "Calls and callers with media",
            Of("calls", samples, s => s.LiveCalls),
            Of("callers", samples, s => s.Talking)
        );
        Draw(
            "Set-up times, ms",
            new Series("join, worst of the call", [.. report.Calls.Select(c => (c.StartedAt, c.MaxJoinMs))], true),
            new Series("ring, worst of the call", [.. report.Calls.Select(c => (c.StartedAt, c.MaxRingMs))], true)
        );
        Draw("Delay, ms", Of("p99", samples, s => s.DelayP99Ms), Of("p50", samples, s => s.DelayP50Ms));
        Draw("Loss, %", Of("loss", samples, s => s.Received == 0 && s.Loss == 0 ? null : s.Loss * 100));
        Draw("Packets a second", Of("heard", samples, s => s.Received), Of("sent", samples, s => s.Sent));
        Draw("Cores", Of("load tester", samples, s => s.Cores), Of("service", samples, s => s.ServiceCores));
        Draw(
            "The load tester's own lag, ms",
            Of("media p99", samples, s => s.MediaLagP99Ms),
            Of("signalling, worst", samples, s => s.SignallingLagMs)
        );
        page.Append("</div>");

        void Draw(string title, params Series[] series) => page.Append(Plot.Draw(title, end, series));
    }

    private static void Errors(StringBuilder page, RunReport report)
    {
        if (report.Errors.Count == 0)
            return;
        page.Append("<h2>Errors</h2><table><thead><tr><th>kind<th>times</tr></thead><tbody>");
        foreach (var (kind, count) in report.Errors)
            Line(page, $"<tr><td>{Html.Text(kind)}<td class=\"n\">{count}</tr>");
        page.Append("</tbody></table>");
    }

    private static Series Of(string name, IReadOnlyList<Sample> samples, Func<Sample, double?> value) =>
        new(name, [.. samples.Select(sample => (sample.At, value(sample)))]);

    private static void Tile(StringBuilder page, string name, FormattableString value, FormattableString more) =>
        Line(page, $"<div><span>{name}</span><strong>{Invariant(value)}</strong><span>{Invariant(more)}</span></div>");

    private static void Row(StringBuilder page, string name, Percentiles ms) =>
        Line(
            page,
            $"<tr><td>{name}<td class=\"n\">{ms.P50:0.##}<td class=\"n\">{ms.P95:0.##}<td class=\"n\">{ms.P99:0.##}<td class=\"n\">{ms.Max:0.##}<td class=\"n\">{ms.Count:#,0}</tr>"
        );

    private static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Line(StringBuilder page, FormattableString text) => page.Append(Invariant(text));
}
