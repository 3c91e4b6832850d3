using Calls.Caller.Media;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Caller.Tests.Media;

public class HistogramTests
{
    [Fact]
    public void Percentiles_are_those_of_the_values_but_for_six_percent() =>
        Prop.ForAll(
                Gen.Choose(0, 40_000_000).NonEmptyListOf().ToArbitrary(),
                Gen.Choose(1, 100).ToArbitrary(),
                (values, percent) =>
                {
                    var histogram = new Histogram();
                    foreach (var value in values)
                    {
                        histogram.Add(TimeSpan.FromMicroseconds(value));
                    }

                    var sorted = values.Order().ToArray();
                    var exact = sorted[Math.Max(1, (int)Math.Ceiling(percent / 100.0 * sorted.Length)) - 1];
                    var told = histogram.Quantile(percent / 100.0)!.Value.TotalMicroseconds;
                    return told >= exact
                        && told <= (exact * 1.0625) + 1
                        && histogram.Max.TotalMicroseconds == sorted[^1];
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Two_together_are_as_one_with_the_values_of_both()
    {
        var (one, other) = (new Histogram(), new Histogram());
        one.Add(TimeSpan.FromMilliseconds(1));
        other.Add(TimeSpan.FromMilliseconds(9));
        one.Add(other);
        one.Count.ShouldBe(2);
        one.Max.ShouldBe(TimeSpan.FromMilliseconds(9));
        one.Quantile(1).ShouldBe(TimeSpan.FromMilliseconds(9));
        one.Clear();
        one.Quantile(0.5).ShouldBeNull();
    }

    [Fact]
    public void What_lies_beyond_its_range_is_counted_all_the_same()
    {
        var histogram = new Histogram();
        histogram.Add(TimeSpan.FromSeconds(-1));
        histogram.Add(TimeSpan.FromDays(1));
        histogram.Count.ShouldBe(2);
        histogram.Quantile(0.5)!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromMicroseconds(1));
        histogram.Max.ShouldBe(TimeSpan.FromDays(1));
    }
}
