using Calls.Caller.Media;
using Calls.LoadTest.Measure;
using Calls.LoadTest.Options;
using Calls.LoadTest.View;

namespace Calls.LoadTest.Tests;

public class MeasureTests
{
    private static readonly LimitOptions All = new()
    {
        MaxLoss = 0.01,
        MaxP99Delay = TimeSpan.FromMilliseconds(20),
        MaxJoin = TimeSpan.FromSeconds(1),
        MaxErrors = 0,
    };

    [Fact]
    public void What_lies_at_the_limit_holds()
    {
        var outcome = new Outcome(0.01, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), 0);
        outcome.Judge(All).Count.ShouldBe(4);
        outcome.Judge(All).ShouldAllBe(limit => limit.Held);
    }

    [Fact]
    public void Each_limit_breaks_by_itself()
    {
        var good = new Outcome(0, TimeSpan.Zero, TimeSpan.Zero, 0);
        Broken(good with { Loss = 0.011 }).ShouldBe(["--max-loss"]);
        Broken(good with { P99Delay = TimeSpan.FromMilliseconds(20.1) }).ShouldBe(["--max-p99-delay"]);
        Broken(good with { P99Join = TimeSpan.FromSeconds(1.1) }).ShouldBe(["--max-join"]);
        Broken(good with { Errors = 1 }).ShouldBe(["--max-errors"]);
    }

    [Fact]
    public void What_was_not_measured_has_not_held()
    {
        var results = new Outcome(null, null, null, 0).Judge(All);
        results
            .Where(limit => !limit.Held)
            .Select(limit => limit.Measured)
            .ShouldBe(["no packet came", "no packet came", "nobody joined"]);
    }

    [Fact]
    public void Without_limits_there_is_nothing_to_break() =>
        new Outcome(1, TimeSpan.MaxValue, TimeSpan.MaxValue, 99).Judge(new LimitOptions()).ShouldBeEmpty();

    [Fact]
    public void A_load_tester_that_stumbles_at_the_beginning_kept_up() =>
        OwnLag.Of([Reports.Second(1, mediaLag: 90), .. Seconds(9)]).IsBottleneck.ShouldBeFalse();

    [Theory]
    [InlineData(11, 1, "its media by more than 10 ms in 3, its signalling by more than 100 ms in 0")]
    [InlineData(1, 101, "its media by more than 10 ms in 0, its signalling by more than 100 ms in 3")]
    public void One_that_is_late_again_and_again_was_the_bottleneck_and_says_so(
        double media,
        double signalling,
        string words
    )
    {
        var late = Enumerable.Repeat(Reports.Second(1, mediaLag: media, signallingLag: signalling), 3);
        var lag = OwnLag.Of([.. late, .. Seconds(10)]);
        (lag.IsBottleneck, lag.LateSeconds).ShouldBe((true, 3));
        lag.Why.ShouldContain("in 3 of 13 seconds");
        lag.Why.ShouldContain(words);
    }

    [Fact]
    public void The_meter_keeps_live_calls_errors_and_times_of_each_call()
    {
        var meter = new RunMeter();
        var first = meter.Begin("a", "hold", 2, TimeSpan.Zero);
        var second = meter.Begin("b", "hold", 2, TimeSpan.FromSeconds(1));
        meter.Live.ShouldBe(2);
        meter.OnRing(first, TimeSpan.FromMilliseconds(3));
        meter.OnJoin(first, TimeSpan.FromMilliseconds(40));
        meter.OnJoin(second, TimeSpan.FromMilliseconds(60));
        meter.OnError(second, "end: timed out", "why");
        meter.OnError(null, "end: timed out", "");
        meter.End(first, TimeSpan.FromSeconds(2));

        meter.Live.ShouldBe(1);
        (meter.Started, meter.Rung, meter.Joined, meter.ErrorCount).ShouldBe((2L, 1L, 2L, 2));
        meter.Errors["end: timed out"].ShouldBe(2);
        meter.Calls.ShouldBe([first, second]);
        second.Errors.ShouldBe(["end: timed out: why"]);
        first.Rings.ShouldBe([TimeSpan.FromMilliseconds(3)]);
        meter.Join.Max.ShouldBe(TimeSpan.FromMilliseconds(60));
    }

    [Fact]
    public void A_calls_sound_is_that_of_all_its_tracks()
    {
        var sound = new CallSound();
        sound.Add(Track(90, 10, new SoundCounts { RightWindows = 5 }));
        sound.Add(Track(100, 0, new SoundCounts { UnclearWindows = 7 }));
        sound.Add(Track(0, 0, new SoundCounts()));
        sound.Add(Track(10, 0, new SoundCounts { RightWindows = 5, OthersPackets = 1 }));
        (sound.Received, sound.Lost).ShouldBe((200L, 10L));
        sound.Loss.ShouldBe(10.0 / 210);
        (sound.TonesExpected, sound.TonesFound, sound.WrongTracks, sound.UnclearWindows).ShouldBe((3, 2, 1, 7));
        sound.MaxJitter.ShouldBe(TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public void A_second_is_one_line_in_a_log()
    {
        var line = PlainView.Line(Reports.Second(7));
        line.ShouldBe(
            "     7 s  calls 2  talking 5  rings 3  joins 5  packets/s 90  loss 10 %  delay p99 3 ms  errors 0  own lag 1 ms"
        );
    }

    private static Sample[] Seconds(int count) => [.. Enumerable.Range(1, count).Select(n => Reports.Second(n))];

    private static string[] Broken(Outcome outcome) => [.. outcome.Judge(All).Where(l => !l.Held).Select(l => l.Name)];

    private static TrackReport Track(long received, long lost, SoundCounts sound) =>
        new(
            new Calls.Caller.Media.OfferedTrack("1", "bob", "audio", "microphone"),
            received,
            lost,
            TimeSpan.FromMilliseconds(2),
            sound,
            new Histogram(),
            null
        );
}
