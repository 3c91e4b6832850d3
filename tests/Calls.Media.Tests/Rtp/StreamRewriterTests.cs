using Calls.Media.Rtp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Rtp;

/// <summary>What one receiver gets of one source has no hole but for real loss.</summary>
public class StreamRewriterTests
{
    private const int Rate = 48_000;
    private const uint Frame = 960;

    private StreamRewriter _rewriter = new(100, 5000, Rate);
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void The_first_packet_gets_the_first_numbers_and_the_others_follow()
    {
        Forward(1, 40_000, 0).ShouldBe((100 + StreamRewriter.MaxEarly, 5000u));
        Forward(1, 40_001, 960).ShouldBe((101 + StreamRewriter.MaxEarly, 5960u));
    }

    [Fact]
    public void Losses_stay_holes_and_reordering_stays_reordering()
    {
        var (first, _) = Forward(1, 65_530, 0)!.Value;
        foreach (var offset in (int[])[3, 2, 10, 4, 9])
        {
            Forward(1, (ushort)(65_530 + offset), (uint)offset * Frame)!.Value.Sequence.ShouldBe(first + offset);
        }
    }

    [Fact]
    public void Packets_that_overtook_the_very_first_one_are_no_loss()
    {
        var (first, _) = Forward(1, 1000, 10 * Frame)!.Value;
        Forward(1, 998, 8 * Frame)!.Value.Sequence.ShouldBe(first - 2);
        Forward(1, 1000 - StreamRewriter.MaxEarly - 1, 0).ShouldBeNull();
    }

    [Fact]
    public void A_pause_leaves_no_hole_and_its_time_passes()
    {
        var (first, start) = Forward(1, 10, 0)!.Value;
        _rewriter.Pause();
        Wait(5000);
        Forward(1, 260, 250 * Frame).ShouldBe((first + 1, start + (250 * Frame)));
        Forward(1, 261, 251 * Frame).ShouldBe((first + 2, start + (251 * Frame)));
    }

    [Fact]
    public void What_comes_late_from_before_or_within_the_pause_is_dropped()
    {
        Forward(1, 10, 0);
        _rewriter.Pause();
        Wait(1000);
        Forward(1, 9, 0).ShouldBeNull();
        Forward(1, 60, 50 * Frame).ShouldNotBeNull();
        Forward(1, 59, 49 * Frame).ShouldBeNull();
        Forward(1, 10, 0).ShouldBeNull();
    }

    [Fact]
    public void Reordering_after_a_pause_stays_reordering()
    {
        Forward(1, 10, 0);
        _rewriter.Pause();
        var (resumed, _) = Forward(1, 60, 50 * Frame)!.Value;
        Forward(1, 62, 52 * Frame)!.Value.Sequence.ShouldBe(resumed + 2);
        Forward(1, 61, 51 * Frame)!.Value.Sequence.ShouldBe(resumed + 1);
    }

    [Fact]
    public void A_new_source_goes_on_where_the_old_one_was_and_the_old_ones_latecomers_do_not_pull_it_back()
    {
        var (last, time) = Forward(1, 10, 0)!.Value;
        Wait(3000);
        Forward(2, 50_000, 123_456_789).ShouldBe((last + 1, time + (3 * Rate)));
        Forward(2, 50_001, 123_456_789 + Frame).ShouldBe((last + 2, time + (3 * Rate) + Frame));
        Forward(1, 11, 960).ShouldBeNull();
        _rewriter.SourceSsrc.ShouldBe(2u);
    }

    [Fact]
    public void A_source_that_is_followed_again_is_heard_again()
    {
        Forward(1, 10, 0);
        var (last, _) = Forward(2, 7, 7)!.Value;
        _rewriter.Follow(1);
        Forward(1, 90, 80 * Frame)!.Value.Sequence.ShouldBe(last + 1);
        Forward(2, 8, 8).ShouldBeNull();
    }

    [Fact]
    public void A_switch_without_time_passing_moves_on_by_a_frame()
    {
        var (last, time) = Forward(1, 10, 0)!.Value;
        Forward(2, 7, 7).ShouldBe((last + 1, time + Frame));
    }

    [Fact]
    public void A_clock_that_jumped_during_a_pause_is_not_believed()
    {
        var (last, time) = Forward(1, 10, 0)!.Value;
        _rewriter.Pause();
        Wait(2000);
        Forward(1, 11, 3_000_000_000).ShouldBe((last + 1, time + (2 * Rate)));
    }

    [Fact]
    public void A_clock_that_is_half_its_range_off_after_a_pause_is_not_believed()
    {
        var (last, time) = Forward(1, 10, 0)!.Value;
        _rewriter.Pause();
        Wait(2000);
        Forward(1, 11, (2 * Rate) + 0x8000_0000).ShouldBe((last + 1, time + (2 * Rate)));
    }

    [Fact]
    public void Whatever_is_lost_shuffled_paused_or_switched_numbers_are_unique_and_holes_are_real() =>
        Prop.ForAll(
                Gen.Choose(0, 65_535).ToArbitrary(),
                Gen.Frequency(
                        (30, Gen.Constant('.')),
                        (3, Gen.Constant('x')),
                        (2, Gen.Constant('p')),
                        (1, Gen.Constant('s')),
                        (4, Gen.Constant('~'))
                    )
                    .ArrayOf(300)
                    .ToArbitrary(),
                (first, script) => HolesAreReal((ushort)first, script)
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    // '.' arrives, 'x' is lost, 'p' is withheld, 's' a new source begins, '~' arrives after its successor.
    private static bool HolesAreReal(ushort first, char[] script)
    {
        var rewriter = new StreamRewriter(first, first, Rate);
        var now = TimeSpan.Zero;
        uint ssrc = 1;
        var sequence = first;
        var seen = new HashSet<int>();
        var (highest, start, expected, held) = (-1, -1, 0, (ushort?)null);
        foreach (var what in script)
        {
            now += TimeSpan.FromMilliseconds(20);
            switch (what)
            {
                case 's':
                    (ssrc, sequence, held) = (ssrc + 1, (ushort)((sequence * 31) + 7), null);
                    continue;
                case 'p':
                    rewriter.Pause();
                    (sequence, held) = ((ushort)(sequence + 1), null);
                    continue;
                case 'x':
                    sequence++;
                    continue;
                case '~' when held is null && highest >= 0:
                    held = sequence++;
                    continue;
            }

            foreach (var arriving in held is { } late ? (ushort[])[sequence, late] : [sequence])
            {
                if (!rewriter.TryRewrite(ssrc, arriving, arriving * Frame, now, out var number, out _))
                {
                    continue;
                }

                var extended = start < 0 ? number : highest + (short)(number - (ushort)highest);
                start = start < 0 ? number : start;
                if (!seen.Add(extended))
                {
                    return false; // two packets under one number
                }

                highest = Math.Max(highest, extended);
            }

            held = null;
            sequence++;
            expected++;
        }

        // A hole costs a packet that was lost, or one that came too late over a switch or a pause.
        var holes = highest < 0 ? 0 : highest - start + 1 - seen.Count(n => n >= start);
        return holes <= script.Count(c => c is 'x' or '~') && seen.Count >= expected - script.Count(c => c is '~');
    }

    private (int Sequence, uint Timestamp)? Forward(uint ssrc, ushort sequence, uint timestamp) =>
        _rewriter.TryRewrite(ssrc, sequence, timestamp, _now, out var number, out var time) ? (number, time) : null;

    private void Wait(int milliseconds) => _now += TimeSpan.FromMilliseconds(milliseconds);
}
