using Calls.Caller.Media;
using Calls.Caller.Opus;

namespace Calls.Caller.Tests.Media;

public class RecordingTests
{
    [Fact]
    public void Speech_is_sent_in_its_spurts_and_hardly_in_its_pauses()
    {
        var pattern = TalkPattern.Create(new Random(3), TimeSpan.FromSeconds(12));
        var recording = Recording.OfSpeech(700, pattern);
        var spoken = pattern.Parts.Where(p => p.IsSpoken).Sum(p => p.Frames);
        recording.Frames.ShouldBe(pattern.Parts.Sum(p => p.Frames));
        recording.Payload(0).Length.ShouldBeGreaterThan(SoundStamp.Overhead, "it begins with a spurt");

        // Opus goes on for 0.2 s into a pause, and refreshes its noise every 0.4 s.
        recording.SpokenFrames.ShouldBeInRange(spoken, spoken + ((recording.Frames - spoken) / 2));
    }

    [Fact]
    public void What_is_said_has_the_tone_also_where_it_begins_anew()
    {
        foreach (var recording in (Recording[])[Recording.OfTone(700), Speech(700)])
        {
            using var decoder = new OpusDecoder();
            var (ear, samples) = (new Ear(), new short[OpusFormat.MaxPacketSamples]);
            var heard = new List<HeardSound>();
            for (var n = 0; n < 2 * recording.Frames; n++)
            {
                var payload = recording.Payload(n % recording.Frames);
                if (payload.IsEmpty)
                {
                    continue;
                }

                decoder.TryDecode(payload, samples, out var count).ShouldBeTrue();
                if (ear.Listen(samples.AsSpan(0, count), TimeSpan.Zero))
                {
                    heard.Add(ear.Judge(700, [500, 700, 900]));
                }
            }

            // A spurt's edge may be unclear, for one window.
            heard.Count(h => h == HeardSound.Right).ShouldBeGreaterThan(10);
            heard.ShouldNotContain(HeardSound.Wrong);
            heard
                .Zip(heard.Skip(1))
                .Skip(2)
                .ShouldAllBe(pair => pair.First != HeardSound.Unclear || pair.Second != HeardSound.Unclear);
        }
    }

    [Fact]
    public void A_tone_has_no_pause_and_is_made_once()
    {
        var recording = Recording.OfTone(440);
        recording.SpokenFrames.ShouldBe(recording.Frames);
        Recording.OfTone(440).ShouldBeSameAs(recording);
        recording.Level(10).ShouldBeInRange((byte)10, (byte)30);
    }

    [Fact]
    public void People_speak_for_two_fifths_of_the_time()
    {
        var parts = TalkPattern.Create(new Random(1), TimeSpan.FromHours(1)).Parts;
        var share = (double)parts.Where(p => p.IsSpoken).Sum(p => p.Frames) / parts.Sum(p => p.Frames);
        share.ShouldBeInRange(0.36, 0.43);
        parts.Where(p => p.IsSpoken).Average(p => p.Frames * 0.02).ShouldBeInRange(0.9, 1.15);
        parts[0].IsSpoken.ShouldBeTrue();
        parts[^1].IsSpoken.ShouldBeFalse();
    }

    [Fact]
    public void An_ear_tells_the_right_tone_from_another_and_from_noise()
    {
        Judge(700, 700).ShouldBe(HeardSound.Right);
        Judge(900, 700).ShouldBe(HeardSound.Wrong);
        Judge(777, 700).ShouldBe(HeardSound.Unclear);
        Judge(0, 700).ShouldBe(HeardSound.Silence);
    }

    [Fact]
    public void A_missing_Opus_is_named_with_the_package_that_has_it() =>
        Should
            .Throw<OpusMissingException>(() => OpusLibrary.Require("libopus-of-nowhere.so.0"))
            .Message.ShouldContain("libopus0");

    private static HeardSound Judge(double said, double expected)
    {
        var ear = new Ear();
        var samples = new short[Ear.WindowSamples];
        if (said > 0)
        {
            new ToneSource(said).Fill(samples);
        }

        ear.Listen(samples, TimeSpan.Zero).ShouldBeTrue();
        return ear.Judge(expected, [500, 700, 900]);
    }

    private static Recording Speech(double hertz) =>
        Recording.OfSpeech(hertz, TalkPattern.Create(new Random(5), TimeSpan.FromSeconds(10)));
}
