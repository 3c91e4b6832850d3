using System.Globalization;
using Calls.LoadTest.Measure;
using Calls.LoadTest.Plan;

namespace Calls.LoadTest.View;

/// <summary>A line every few seconds, for logs.</summary>
internal sealed class PlainView(TextWriter output) : IRunView
{
    private const int SecondsPerLine = 5;

    private int _seconds;

    public void Say(string what) => output.WriteLine(what);

    public void Begin(LoadPlan plan) =>
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{plan.Calls.Count} calls are planned over {plan.End.TotalSeconds:0} s, the full load from second {plan.Ramp.TotalSeconds:0} on."
            )
        );

    public void Show(Sample sample, RunMeter meter)
    {
        if (_seconds++ % SecondsPerLine == 0)
            output.WriteLine(Line(sample));
    }

    /// <summary>A second in one line.</summary>
    public static string Line(Sample sample) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{sample.At, 6:0} s  calls {sample.LiveCalls}  talking {sample.Talking}  rings {sample.Rung}  joins {sample.Joined}"
                + $"  packets/s {sample.Received}  loss {sample.Loss * 100:0.##} %  delay p99 {sample.DelayP99Ms ?? 0:0.##} ms"
                + $"  errors {sample.Errors}  own lag {sample.MediaLagP99Ms ?? 0:0.#} ms"
        );
}
