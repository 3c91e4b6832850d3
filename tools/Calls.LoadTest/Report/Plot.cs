using System.Globalization;
using System.Text;

namespace Calls.LoadTest.Report;

/// <summary>One line or cloud of points of a plot; a point without a value is a gap.</summary>
internal sealed record Series(string Name, IReadOnlyList<(double X, double? Y)> Points, bool IsCloud = false);

/// <summary>Draws a plot over the run's seconds as SVG, whose colours come from the page.</summary>
internal sealed class Plot
{
    private const double Width = 560;
    private const double Height = 220;
    private const double Left = 52;
    private const double Right = 12;
    private const double Top = 14;
    private const double Bottom = 30;
    private const int Ticks = 5;

    private readonly StringBuilder _svg = new();
    private readonly double _lastX;
    private readonly double _topY;

    private Plot(IReadOnlyList<Series> series, double lastX)
    {
        _lastX = Math.Max(1, lastX);
        _topY = Ceiling(series.SelectMany(s => s.Points).Max(p => p.Y) ?? 0);
    }

    /// <summary>Draws it.</summary>
    /// <param name="title">What it shows, with the unit.</param>
    /// <param name="lastX">Where the run ends, in seconds.</param>
    /// <param name="series">What is drawn; at most four.</param>
    public static string Draw(string title, double lastX, params Series[] series)
    {
        var plot = new Plot(series, lastX);
        plot.Write(
            $"<figure><figcaption>{Html.Text(title)} {Legend(series)}</figcaption>"
                + $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Text(title)}\">"
        );
        plot.Axes();
        for (var n = 0; n < series.Length; n++)
        {
            if (series[n].IsCloud)
                plot.Cloud(series[n], n);
            else
                plot.Lines(series[n], n);
        }
        plot.Write("</svg></figure>");
        return plot._svg.ToString();
    }

    /// <summary>The next round number: 1, 2 or 5 times a power of ten.</summary>
    public static double Ceiling(double value)
    {
        if (value <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var factor in (double[])[1, 2, 5])
        {
            if (value <= factor * power)
                return factor * power;
        }
        return 10 * power;
    }

    private static string Legend(IReadOnlyList<Series> series) =>
        string.Concat(series.Select((s, n) => $"<span class=\"key s{n}\">{Html.Text(s.Name)}</span>"));

    private double X(double x) => Left + (Math.Clamp(x / _lastX, 0, 1) * (Width - Left - Right));

    private double Y(double y) => Height - Bottom - (Math.Clamp(y / _topY, 0, 1) * (Height - Top - Bottom));

    private void Axes()
    {
        for (var n = 0; n <= Ticks; n++)
        {
            var (x, y) = (_lastX * n / Ticks, _topY * n / Ticks);
            Write(
                $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(y):0.#}\" y2=\"{Y(y):0.#}\"/>"
                    + $"<text class=\"y\" x=\"{Left - 6}\" y=\"{Y(y) + 4:0.#}\">{y:0.####}</text>"
                    + $"<text class=\"x\" x=\"{X(x):0.#}\" y=\"{Height - 10}\">{x:0.#}{(n == Ticks ? " s" : "")}</text>"
            );
        }
    }

    private void Lines(Series series, int number)
    {
        var path = new StringBuilder();
        var pen = 'M';
        foreach (var (x, value) in series.Points)
        {
            if (value is not { } y)
            {
                pen = 'M';
                continue;
            }
            path.Append(CultureInfo.InvariantCulture, $"{pen}{X(x):0.#} {Y(y):0.#}");
            pen = 'L';
        }
        Write($"<path class=\"s{number}\" d=\"{path}\"/>");
    }

    private void Cloud(Series series, int number)
    {
        foreach (var (x, value) in series.Points)
        {
            if (value is { } y)
                Write(
                    $"<circle class=\"s{number}\" cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"2.5\"><title>{x:0.#} s: {y:0.##}</title></circle>"
                );
        }
    }

    private void Write(FormattableString text) => _svg.Append(text.ToString(CultureInfo.InvariantCulture));

    private void Write(string text) => _svg.Append(text);
}

/// <summary>Text within HTML.</summary>
internal static class Html
{
    /// <summary>With the signs that mean something replaced.</summary>
    public static string Text(string text) => System.Net.WebUtility.HtmlEncode(text);
}
