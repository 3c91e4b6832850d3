using Calls.Host.Settings;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Host.Tests.Settings;

public class DurationsTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("0s", 0)]
    [InlineData("90s", 90_000)]
    [InlineData("3m", 180_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("2d", 172_800_000)]
    public void A_duration_is_a_number_and_a_unit(string text, int milliseconds)
    {
        Durations.TryParse(text, out var duration).ShouldBeTrue();
        duration.TotalMilliseconds.ShouldBe(milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("90")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1.5s")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1w")]
    [InlineData("99999999999h")]
    [InlineData("2147483647h")]
    [InlineData("2147483647d")]
    public void Anything_else_is_none(string? text) => Durations.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void What_is_written_reads_back() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<NonNegativeInt>(),
                number =>
                {
                    var duration = TimeSpan.FromMilliseconds(number.Get);
                    return Durations.TryParse(Durations.Format(duration), out var read) && read == duration;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_largest_unit_that_fits_is_written() => Durations.Format(TimeSpan.FromSeconds(180)).ShouldBe("3m");

    [Fact]
    public void A_day_is_the_largest() => Durations.Format(TimeSpan.FromDays(90)).ShouldBe("90d");
}
