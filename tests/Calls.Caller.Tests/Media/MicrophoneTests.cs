using Calls.Caller.Media;
using Calls.Caller.Sdp;
using Calls.Media.Rtp;

namespace Calls.Caller.Tests.Media;

/// <summary>What a caller says and when, in virtual time.</summary>
public class MicrophoneTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private readonly Microphone _microphone = NewMicrophone();
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void A_tone_is_fifty_packets_a_second_in_one_unbroken_stream()
    {
        _microphone.Say(Recording.OfTone(700), _now);
        _microphone.Start(_now);
        var said = Listen(TimeSpan.FromSeconds(2));
        said.Count.ShouldBe(100);
        said.Select(p => p.Sequence).ShouldBe(Enumerable.Range(1_000, 100).Select(n => (ushort)n));
        said.Select(p => p.Timestamp).ShouldBe(Enumerable.Range(0, 100).Select(n => (uint)(n * 960)));
        said.Select(p => p.Marker).ShouldBe([true, .. Enumerable.Repeat(false, 99)]);
        said.ShouldAllBe(p => p.SentAt == p.At);
    }

    [Fact]
    public void A_pause_sends_nothing_and_shows_in_time_but_not_in_numbers()
    {
        var recording = Recording.OfSpeech(700, TalkPattern.Create(new Random(3), TimeSpan.FromSeconds(10)));
        _microphone.Say(recording, _now);
        _microphone.Start(_now);
        var began = _now;
        var said = Listen(recording.Frames * Frame);
        said.Count.ShouldBe(recording.SpokenFrames);
        said.Zip(said.Skip(1)).ShouldAllBe(p => p.Second.Sequence - p.First.Sequence == 1);
        said.ShouldAllBe(p => p.At - began == p.Timestamp / 960 * Frame);
        said.Count(p => p.Marker).ShouldBeGreaterThan(1, "each spurt begins with the marker");
        said.Zip(said.Skip(1)).ShouldAllBe(p => p.Second.Marker == (p.Second.Timestamp - p.First.Timestamp > 960));

        Listen(recording.Frames * Frame).Count.ShouldBe(recording.SpokenFrames, "it begins anew");
    }

    [Fact]
    public void Something_else_is_said_at_once_also_in_the_middle_of_a_pause()
    {
        var recording = Recording.OfSpeech(700, TalkPattern.Create(new Random(3), TimeSpan.FromSeconds(10)));
        _microphone.Say(recording, _now);
        _microphone.Start(_now);
        Listen(Frame);
        while (_microphone.Due <= _now)
        {
            Listen(Frame);
        }

        _microphone.Due.ShouldNotBeNull().ShouldBeGreaterThan(_now + Frame, "a pause");
        _microphone.Say(Recording.OfTone(500), _now);
        _microphone.Due!.Value.ShouldBeLessThanOrEqualTo(_now + Frame);
        _microphone.Say(null, _now);
        _microphone.Due.ShouldBeNull();
    }

    [Fact]
    public void Who_stood_still_for_long_does_not_make_up_for_it()
    {
        _microphone.Say(Recording.OfTone(700), _now);
        _microphone.Start(_now);
        Listen(5 * Frame).Count.ShouldBe(5);
        _now += 3 * Frame;
        Listen(Frame).Count.ShouldBe(4, "a few frames are made up for");
        _now += TimeSpan.FromSeconds(10);
        var said = Listen(5 * Frame);
        said.Count.ShouldBeInRange(4, 5);
        said[0].Sequence.ShouldBe((ushort)1_009);
        said[0].Timestamp.ShouldBeGreaterThan((uint)(10 * 48_000));
    }

    [Fact]
    public void Who_floods_says_each_frame_several_times()
    {
        var microphone = NewMicrophone(new CallerOptions { PacketsPerFrame = 3 });
        microphone.Say(Recording.OfTone(700), _now);
        microphone.Start(_now);
        var said = Listen(10 * Frame, microphone);
        said.Count.ShouldBe(30);
        said.Select(p => p.Sequence).Distinct().Count().ShouldBe(30);
    }

    private static Microphone NewMicrophone(CallerOptions? options = null)
    {
        var microphone = new Microphone(5, 1_000, 0, options ?? new CallerOptions());
        microphone.Use(
            new OfferedLine
            {
                Kind = "audio",
                Formats = "",
                Mid = "0",
                OpusPayloadType = 111,
                HasOpus = true,
            }
        );
        return microphone;
    }

    /// <summary>Lets time pass, a millisecond at a time, and takes what is said from now until then, the end excluded.</summary>
    private List<Said> Listen(TimeSpan time, Microphone? microphone = null)
    {
        var said = new List<Said>();
        var packet = new byte[2_000];
        for (var end = _now + time; _now < end; _now += TimeSpan.FromMilliseconds(1))
        {
            while ((microphone ?? _microphone).TryMake(_now, packet, out var length))
            {
                RtpPacket.TryParse(packet.AsSpan(0, length), out var rtp).ShouldBeTrue();
                SoundStamp.TryRead(rtp.Payload, out var stamp).ShouldBeTrue();
                said.Add(new Said(_now, rtp.SequenceNumber, rtp.Timestamp, rtp.Marker, stamp.SentAt));
            }
        }

        return said;
    }

    private sealed record Said(TimeSpan At, ushort Sequence, uint Timestamp, bool Marker, TimeSpan SentAt);
}
