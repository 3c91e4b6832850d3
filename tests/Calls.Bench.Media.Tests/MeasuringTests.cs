using Calls.Bench.Media.Generator;
using Calls.Bench.Media.Measure;
using Calls.Bench.Results;

namespace Calls.Bench.Media.Tests;

/// <summary>When packets are sent, what is made of rounds, and where it is kept.</summary>
public class MeasuringTests
{
    private static readonly Round InOrder = new()
    {
        CpuPerPacket = 5,
        Forwarded = 0,
        P50 = 30,
        P95 = 40,
        P99 = 50,
        Max = 60,
        Loss = 0,
        Wrong = 0,
        Lag = 100,
        OwnLosses = 0,
        ServerNoise = 0.01,
        GeneratorNoise = 0.02,
        SentShare = 1,
    };

    [Fact]
    public void Everybody_sends_once_a_period_at_a_point_of_their_own()
    {
        const double period = 20_000;
        var schedule = new SendSchedule([3, 4, 5], new Random(1), start: 1_000, period);
        var sent = new List<(int Sender, long Due)>();
        while (schedule.TryTake(1_000 + (4 * (long)period) - 1, out var sender, out var due))
            sent.Add((sender, due));
        sent.Select(each => each.Due).ShouldBeInOrder();
        sent.GroupBy(each => each.Sender).Select(group => group.Count()).ShouldBe([4, 4, 4]);
        var points = sent.ToLookup(each => each.Sender, each => (each.Due - 1_000) % (long)period);
        points.ShouldAllBe(ofSender => ofSender.Max() - ofSender.Min() <= 1);
        points.Select(ofSender => ofSender.First()).Distinct().Count().ShouldBe(3);
        schedule.NextAt.ShouldBeGreaterThanOrEqualTo(1_000 + (4 * (long)period));
    }

    [Fact]
    public void Nobody_sends_when_there_is_nobody() =>
        new SendSchedule([], new Random(1), 0, 1).TryTake(long.MaxValue - 1, out _, out _).ShouldBeFalse();

    [Fact]
    public async Task The_most_that_goes_through_is_found_between_the_steps()
    {
        const double limit = 100;
        var found = await Saturation.Find(50, rate => Task.FromResult(At(rate, limit)));
        found.Best!.Forwarded.ShouldBeInRange(limit * 0.96, limit);
        found.Limit.ShouldBe("server");
    }

    [Fact]
    public async Task One_stumble_of_the_machine_is_not_the_end()
    {
        var calls = 0;
        var found = await Saturation.Find(
            50,
            rate => Task.FromResult(++calls == 2 ? InOrder with { Loss = 0.01 } : At(rate, 100))
        );
        found.Best!.Forwarded.ShouldBeGreaterThan(90);
    }

    [Fact]
    public async Task A_generator_that_cannot_keep_up_is_not_blamed_on_the_server()
    {
        var found = await Saturation.Find(
            50,
            rate => Task.FromResult(InOrder with { Forwarded = rate, SentShare = rate > 60 ? 0.5 : 1 })
        );
        found.Limit.ShouldBe("generator");
        found.Best!.Forwarded.ShouldBeInRange(57, 60);
    }

    [Fact]
    public async Task What_others_took_of_the_machine_is_blamed_on_nobody()
    {
        var found = await Saturation.Find(
            50,
            rate =>
                Task.FromResult(
                    At(rate, 60) with
                    {
                        GeneratorNoise = rate > 60 ? 0.2 : 0,
                        SentShare = rate > 60 ? 0.5 : 1,
                    }
                )
        );
        found.Limit.ShouldStartWith("nobody");
    }

    [Fact]
    public async Task A_server_that_fails_at_once_has_no_figure() =>
        (await Saturation.Find(50, _ => Task.FromResult(InOrder with { P99 = 20_001 }))).Best.ShouldBeNull();

    [Fact]
    public void The_generator_is_too_slow_when_it_lags_drops_or_sends_less()
    {
        InOrder.IsGeneratorTheBottleneck.ShouldBeFalse();
        (InOrder with { Lag = 10_001 }).IsGeneratorTheBottleneck.ShouldBeTrue();
        (InOrder with { OwnLosses = 1 }).IsGeneratorTheBottleneck.ShouldBeTrue();
        (InOrder with { SentShare = 0.97 }).IsGeneratorTheBottleneck.ShouldBeTrue();
    }

    [Fact]
    public void What_is_sent_within_the_window_counts_and_nothing_else()
    {
        var samples = 0;
        var window = new MeasuringWindow(TimeSpan.FromHours(1), _ => 4, () => samples++, () => default);
        var early = new PacketStamp(1, 1, DateTime.UtcNow.Ticks - 1);
        window.Open();
        var (within, late) = (
            new PacketStamp(1, 2, DateTime.UtcNow.Ticks),
            new PacketStamp(1, 3, DateTime.UtcNow.AddHours(2).Ticks)
        );
        foreach (var stamp in new[] { early, within, late })
        {
            window.OnSent(stamp);
            window.OnArrived(stamp, stamp.SentAt + TimeSpan.FromMicroseconds(40).Ticks);
        }
        (window.Sent, window.Expected, window.Arrived, window.Lost).ShouldBe((1, 4, 1, 3));
        window.Delay.Max.ShouldBe(TimeSpan.FromMicroseconds(40));
        samples.ShouldBe(1);
    }

    [Fact]
    public void The_median_is_not_the_mean() => Statistics.Median([1, 100, 2]).ShouldBe(2);

    [Fact]
    public void A_part_takes_the_place_of_its_old_one_and_leaves_the_others()
    {
        var both = ResultsFile.With(
            ResultsFile.With("", "Rings", "old rings"),
            "Media",
            "\n### A table\n\nold media\n"
        );
        var renewed = ResultsFile.With(both, "Rings", "new rings");
        renewed.ShouldContain("## Rings\n\nnew rings\n\n## Media\n\n### A table\n\nold media\n");
        renewed.ShouldNotContain("old rings");
        renewed.ShouldStartWith("# Results");
        ResultsFile.With(renewed, "Rings", "new rings").ShouldBe(renewed);
    }

    private static Round At(double rate, double limit) =>
        InOrder with
        {
            Forwarded = rate,
            P99 = rate > limit ? 30_000 : 50,
        };
}
