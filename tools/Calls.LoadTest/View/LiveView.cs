using System.Globalization;
using Calls.LoadTest.Measure;
using Calls.LoadTest.Plan;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Calls.LoadTest.View;

/// <summary>A table that is drawn anew each second.</summary>
internal sealed class LiveView(LiveDisplayContext context) : IRunView
{
    private const int Bars = 40; // seconds that the small plots go back

    private readonly Queue<Sample> _last = new();
    private IRenderable _figures = new Markup("");
    private LoadPlan? _plan;

    // The last figures stay: they are what a person wants to see at the end.
    public void Say(string what) => Draw(new Rows(_figures, new Markup(Markup.Escape(what))));

    public void Begin(LoadPlan plan) => _plan = plan;

    public void Show(Sample sample, RunMeter meter)
    {
        _last.Enqueue(sample);
        while (_last.Count > Bars)
            _last.Dequeue();
        _figures = new Rows(Figures(sample, meter), Errors(meter));
        Draw(_figures);
    }

    private void Draw(IRenderable what)
    {
        context.UpdateTarget(what);
        context.Refresh();
    }

    private Table Figures(Sample now, RunMeter meter)
    {
        var end = _plan?.End.TotalSeconds ?? now.At;
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle($"{now.At:0} of {end:0} s") };
        table.AddColumns("", "now", "", "in all");
        table.Columns[1].RightAligned();
        table.Columns[3].RightAligned();
        Row(table, "calls", $"{now.LiveCalls}", Bar(s => s.LiveCalls), $"{now.Started} started");
        Row(table, "talking", $"{now.Talking}", Bar(s => s.Talking), $"{now.Joined} joins");
        Row(table, "rings", "", "", $"{now.Rung}");
        Row(table, "ring p99", "", "", Ms(meter.Ring.Quantile(0.99)?.TotalMilliseconds));
        Row(table, "join p99", "", "", Ms(meter.Join.Quantile(0.99)?.TotalMilliseconds));
        Row(table, "packets heard/s", Number(now.Received), Bar(s => s.Received), "");
        Row(table, "loss", Percent(now.Loss), Bar(s => s.Loss), "");
        Row(table, "delay p50", Ms(now.DelayP50Ms), Bar(s => s.DelayP50Ms ?? 0), "");
        Row(table, "delay p99", Ms(now.DelayP99Ms), Bar(s => s.DelayP99Ms ?? 0), "");
        Row(table, "service, cores", Number(now.ServiceCores), Bar(s => s.ServiceCores ?? 0), Mib(now.ServiceMib));
        Row(table, "own lag p99", Ms(now.MediaLagP99Ms), Bar(s => s.MediaLagP99Ms ?? 0), $"{Number(now.Cores)} cores");
        Row(table, "errors", now.Errors > 0 ? $"[red]{now.Errors}[/]" : "0", "", "");
        return table;
    }

    private static IRenderable Errors(RunMeter meter) =>
        new Rows(
            meter
                .Errors.OrderByDescending(error => error.Value)
                .Take(5)
                .Select(error => new Markup($"[red]{error.Value}[/] {Markup.Escape(error.Key)}"))
        );

    private static void Row(Table table, params string[] cells) => table.AddRow(cells);

    private string Bar(Func<Sample, double> value)
    {
        const string levels = "▁▂▃▄▅▆▇█";
        var values = _last.Select(value).ToArray();
        var top = values.Max();
        return top <= 0
            ? ""
            : string.Concat(values.Select(v => levels[(int)Math.Round(v / top * (levels.Length - 1))]));
    }

    private static string Ms(double? value) => value is { } ms ? $"{Number(ms)} ms" : "–";

    private static string Mib(double? value) => value is { } mib ? $"{mib:0} MiB" : "";

    private static string Percent(double share) => $"{Number(share * 100)} %";

    private static string Number(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "–";
}
