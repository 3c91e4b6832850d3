using Calls.Caller.Media;
using Calls.Caller.Opus;

namespace Calls.Caller.Tests.Media;

/// <summary>What is played at which moment, in virtual time. A packet's payload is its number, so that it is known again.</summary>
public class PlayoutTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Frame = OpusFormat.FrameDuration;

    // TOC of SILK, 20 ms, mono; then a first byte without and with the flag of a copy (RFC 6716 §3.1 and §4.2.3).
    private static readonly byte[] Plain = [9 << 3, 0x80];
    private static readonly byte[] Copying = [9 << 3, 0xC0];

    private readonly Playout _playout = new(Delay);
    private readonly TimeSpan _began = TimeSpan.FromHours(1);

    [Fact]
    public void Frames_are_played_in_order_a_fixed_time_after_they_came()
    {
        Come(0, 0);
        Come(2, 15);
        Come(1, 55);
        Play(59).ShouldBeEmpty();
        Play(60).ShouldBe(["Packet 0"]);
        Play(99).ShouldBe(["Packet 1"]);
        Play(100).ShouldBe(["Packet 2"]);
        _playout.NextAt.ShouldBe(_began + Delay + (3 * Frame));
    }

    [Fact]
    public void What_comes_when_its_moment_has_passed_is_not_played()
    {
        Come(0, 0);
        Come(2, 40);
        Play(80).ShouldBe(["Packet 0", "Missing 1"]);
        Come(1, 81).ShouldBeFalse();
        Play(100).ShouldBe(["Packet 2"]);
    }

    [Fact]
    public void A_coarse_copy_in_the_next_packet_is_used_and_no_other_one()
    {
        Come(0, 0);
        Come(3, 0, Copying);
        Play(120).ShouldBe(["Packet 0", "Missing 1", "ForwardErrorCorrection 0", "Packet 0"]);
    }

    [Fact]
    public void A_copy_of_the_frame_is_used_unless_the_packet_itself_comes()
    {
        Come(0, 0);
        Come(3, 0);
        _playout.AddCopy(1 * OpusFormat.FrameSamples, [9 << 3, 0, 71]);
        _playout.AddCopy(2 * OpusFormat.FrameSamples, [9 << 3, 0, 72]);
        _playout.AddCopy(3 * OpusFormat.FrameSamples, [9 << 3, 0, 73]);
        Come(2, 5);
        Play(120).ShouldBe(["Packet 0", "Redundant 71", "Packet 2", "Packet 3"]);
    }

    [Fact]
    public void A_pause_in_speech_is_no_loss()
    {
        Come(0, 0);
        Come(4, 30, sequence: 1);
        Play(140).ShouldBe(["Packet 0", "Pause 0", "Pause 0", "Pause 0", "Packet 4"]);
    }

    [Fact]
    public void What_was_lost_before_a_pause_is_told_from_it()
    {
        Come(0, 0);
        Come(4, 30, sequence: 2);
        Play(140).ShouldBe(["Packet 0", "Missing 1", "Pause 0", "Pause 0", "Packet 4"]);
    }

    [Fact]
    public void Frames_played_before_anybody_knew_count_as_made_up_when_it_shows()
    {
        Come(0, 0);
        Play(100).ShouldBe(["Packet 0", "Missing 0", "Missing 0"]);
        Come(4, 101);
        Play(140).ShouldBe(["Missing 1", "Packet 4 and 2 before"]);
        Come(9, 141, sequence: 5);
        Play(240).ShouldBe(["Pause 0", "Pause 0", "Pause 0", "Pause 0", "Packet 9"]);
    }

    [Fact]
    public void After_a_second_of_nothing_it_rests_and_begins_anew_with_the_next_packet()
    {
        Come(0, 0);
        Play(5_000).Count.ShouldBe(1 + Playout.IdleAfter);
        _playout.NextAt.ShouldBeNull();
        Come(500, 10_000, sequence: 1);
        _playout.NextAt.ShouldBe(_began + TimeSpan.FromSeconds(10) + Delay);
        Play(10_060).ShouldBe(["Packet 244"]);
    }

    [Fact]
    public void When_everything_comes_too_late_it_waits_anew()
    {
        Come(0, 0);
        for (var n = 1; n < 100; n++)
        {
            var at = (n * 20) + 200;
            Play(at - 1);
            Come(n, at);
        }

        Play(2_240).ShouldContain("Packet 98");
    }

    [Fact]
    public void A_stream_that_goes_on_far_ahead_begins_anew()
    {
        Come(0, 0);
        Come(2 * Playout.Capacity, 20);
        Play(79).ShouldBeEmpty();
        Play(80).ShouldBe([$"Packet {2 * Playout.Capacity}"]);
    }

    private bool Come(int frame, int at, byte[]? payload = null, int? sequence = null) =>
        _playout.Add(
            (uint)(frame * OpusFormat.FrameSamples),
            (ushort)(sequence ?? frame),
            payload ?? [.. Plain, (byte)frame],
            _began + TimeSpan.FromMilliseconds(at)
        );

    /// <summary>What is played until that moment, in milliseconds: kind, and the packet's number or how many are made up.</summary>
    private List<string> Play(int until)
    {
        var played = new List<string>();
        while (_playout.TryPlay(_began + TimeSpan.FromMilliseconds(until), out var frame))
        {
            var number = frame.Payload.Length > 2 ? frame.Payload[2] : frame.Concealed;
            var before = frame.Payload.Length > 2 && frame.Concealed > 0 ? $" and {frame.Concealed} before" : "";
            played.Add($"{frame.Kind} {number}{before}");
        }

        return played;
    }
}
