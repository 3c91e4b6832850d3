using Calls.Media.Rtcp;

namespace Calls.Media.Tests.Rtcp;

/// <summary>RFC 3550 section 6.3.1, in numbers.</summary>
public sealed class RtcpIntervalTests
{
    private const double Plenty = 1_000_000; // bytes a second

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.5, 1)]
    [InlineData(1, 1.5)]
    public void With_bandwidth_to_spare_the_mean_is_a_second(double chance, double seconds)
    {
        var interval = default(RtcpInterval);
        interval.OnCompound(100, isOurs: true);
        interval.Next(Plenty, chance).TotalSeconds.ShouldBe(seconds, tolerance: 1e-6);
    }

    [Fact]
    public void The_first_one_comes_in_half_the_time()
    {
        var interval = default(RtcpInterval);
        interval.OnCompound(100, isOurs: false);
        interval.Next(Plenty, 0.5).TotalSeconds.ShouldBe(0.5, tolerance: 1e-6);
    }

    [Fact]
    public void Both_ends_together_stay_within_five_percent()
    {
        var interval = default(RtcpInterval);
        interval.OnCompound(972, isOurs: true); // 1,000 bytes with UDP and IP
        var pause = interval.Next(bandwidth: 10_000, chance: 0.5);
        (2 * 1_000 / pause.TotalSeconds).ShouldBe(500, tolerance: 0.01);
    }

    [Fact]
    public void The_mean_size_follows_slowly()
    {
        var interval = default(RtcpInterval);
        interval.OnCompound(72, isOurs: true);
        interval.AverageSize.ShouldBe(100);
        interval.OnCompound(232, isOurs: false);
        interval.AverageSize.ShouldBe(110); // a sixteenth of the way (section 6.3.3)
    }
}
