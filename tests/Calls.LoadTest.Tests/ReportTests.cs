using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Calls.LoadTest.Report;

namespace Calls.LoadTest.Tests;

public partial class ReportTests
{
    [Fact]
    public void The_JSON_has_what_was_measured_under_stable_names()
    {
        using var json = JsonDocument.Parse(Reports.Of(Reports.Call(1, 1, "start: rate_limited")).ToJson());
        var root = json.RootElement;
        root.GetProperty("format").GetInt32().ShouldBe(1);
        root.GetProperty("held").GetBoolean().ShouldBeFalse();
        root.GetProperty("settings").GetProperty("pattern").GetString().ShouldBe("ring-only");
        root.GetProperty("limits")[0].GetProperty("name").GetString().ShouldBe("--max-loss");
        root.GetProperty("totals").GetProperty("packets_lost").GetInt64().ShouldBe(100);
        root.GetProperty("join_ms").GetProperty("p99").GetDouble().ShouldBe(30);
        root.GetProperty("first_sound_ms").GetProperty("p50").ValueKind.ShouldBe(JsonValueKind.Null);
        root.GetProperty("errors").GetProperty("join: <call_full>").GetInt32().ShouldBe(1);
        root.GetProperty("samples").GetArrayLength().ShouldBe(3);
        root.GetProperty("samples")[0].GetProperty("delay_p99_ms").GetDouble().ShouldBe(3);
        var call = root.GetProperty("calls")[0];
        call.GetProperty("max_join_ms").GetDouble().ShouldBe(30);
        call.GetProperty("errors")[0].GetString().ShouldBe("start: rate_limited");
    }

    [Fact]
    public void The_page_needs_nothing_from_elsewhere_and_knows_day_and_night()
    {
        var page = HtmlReport.Write(Reports.Of(Reports.Call(1)));
        page.ShouldStartWith("<!doctype html>");
        page.ShouldContain("prefers-color-scheme:dark");
        page.ShouldNotContain("<script");
        page.ShouldNotContain("<link");
        page.ShouldNotContain("src=");
        page.ShouldNotContain("url(");
        page.ShouldNotContain("@import");
    }

    [Fact]
    public void What_people_and_services_named_is_text_and_no_markup()
    {
        var page = HtmlReport.Write(Reports.Of(Reports.Call(1, 1, "<img src=x onerror=alert(1)>")));
        page.ShouldNotContain("<img");
        page.ShouldContain("&lt;img src=x onerror=alert(1)&gt;");
        page.ShouldContain("join: &lt;call_full&gt;");
    }

    [Fact]
    public void The_page_says_which_limit_is_broken()
    {
        var page = HtmlReport.Write(Reports.Of());
        page.ShouldContain("Limits: broken");
        page.ShouldContain("<td>--max-loss<td>1 %<td>2 %<td class=\"bad\">broken");
        page.ShouldContain("<td>--max-join<td>1 s<td>5 ms<td class=\"good\">held");
    }

    [Fact]
    public void Every_plot_is_drawn_within_its_frame()
    {
        var page = HtmlReport.Write(Reports.Of(Reports.Call(1), Reports.Call(2)));
        var plots = SvgPattern().Matches(page).Select(match => XElement.Parse(match.Value)).ToArray();
        plots.Length.ShouldBe(7);
        foreach (var numbers in plots.Descendants("path").Select(path => Numbers((string)path.Attribute("d")!)))
        {
            numbers.Where((_, n) => n % 2 == 0).ShouldAllBe(x => x >= 52 && x <= 548);
            numbers.Where((_, n) => n % 2 == 1).ShouldAllBe(y => y >= 14 && y <= 190);
        }

        plots
            .Single(Titled("Set-up times, ms"))
            .Descendants("circle")
            .Count()
            .ShouldBe(4, "ring and join of two calls");
        var delay = plots.Single(Titled("Delay, ms")).Descendants("path").First();
        Numbers((string)delay.Attribute("d")!).Length.ShouldBe(4, "a second without a value is a gap");
    }

    [Fact]
    public void A_run_without_anything_is_still_a_page()
    {
        var page = HtmlReport.Write(Reports.Of() with { Samples = [] });
        page.ShouldNotContain("NaN");
        page.ShouldNotContain("Infinity");
        SvgPattern().Count(page).ShouldBe(7);
    }

    [Fact]
    public void The_worst_calls_come_first_and_no_more_than_a_page_bears()
    {
        CallLine[] calls =
        [
            .. Enumerable.Range(1, CallTable.MaxRows + 9).Select(n => Reports.Call(n)),
            Reports.Call(9_001, 50),
            Reports.Call(9_002, 2, "wrong sound"),
        ];
        var page = HtmlReport.Write(Reports.Of(calls));
        var rows = RowPattern().Matches(page).Select(match => match.Groups["number"].Value).ToArray();
        rows.Length.ShouldBe(CallTable.MaxRows);
        rows[..3].ShouldBe(["9002", "9001", "1"]);
        page.ShouldContain($"The {CallTable.MaxRows} worst of {calls.Length}");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.03, 0.05)]
    [InlineData(1, 1)]
    [InlineData(1.01, 2)]
    [InlineData(7, 10)]
    [InlineData(430, 500)]
    public void Axes_end_at_round_numbers(double value, double top) => Plot.Ceiling(value).ShouldBe(top, 1e-9);

    [Fact]
    public void The_summary_tells_errors_limits_and_the_files()
    {
        var text = Summary.Of(Reports.Of(), new ReportFiles("a.json", "a.html"));
        text.ShouldContain("1 × join: <call_full>");
        text.ShouldContain("BROKEN      --max-loss 1 %: 2 %");
        text.ShouldContain("held        --max-join");
        text.ShouldEndWith("a.json  a.html");
    }

    private static Func<XElement, bool> Titled(string title) => plot => (string?)plot.Attribute("aria-label") == title;

    private static double[] Numbers(string path) =>
        [.. NumberPattern().Matches(path).Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline, 1000)]
    private static partial Regex SvgPattern();

    [GeneratedRegex("<tr><td title=\"load-x-[0-9]+\">(?<number>[0-9]+)<td>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RowPattern();

    [GeneratedRegex("[0-9.]+", RegexOptions.None, 1000)]
    private static partial Regex NumberPattern();
}
