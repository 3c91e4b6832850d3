using Calls.Caller.Media;
using Calls.Caller.Opus;

namespace Calls.Caller.Tests.Opus;

public class OpusTests
{
    [Fact]
    public void A_tone_comes_out_of_the_decoder_as_the_tone_that_went_in()
    {
        using var encoder = new OpusEncoder(new OpusSettings());
        using var decoder = new OpusDecoder();
        var ear = new Ear();
        Say(encoder, new ToneSource(700), frames: 50, packet => Listen(decoder, ear, packet));
        ear.Hears(700, TimeSpan.Zero).ShouldBeTrue();
        ear.Hears(800, TimeSpan.Zero).ShouldBeFalse();
        ear.Hears(600, TimeSpan.Zero).ShouldBeFalse();
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1_000)]
    [InlineData(2_500)]
    public void A_tone_is_never_taken_for_silence(double hertz)
    {
        using var encoder = new OpusEncoder(new OpusSettings());
        var sent = 0;
        Say(
            encoder,
            new ToneSource(hertz),
            frames: 500,
            packet => sent += packet.Length > OpusEncoder.DtxLength ? 1 : 0
        );
        sent.ShouldBe(500);
    }

    [Fact]
    public void Silence_is_hardly_sent_at_all()
    {
        using var encoder = new OpusEncoder(new OpusSettings());
        var (sent, packet) = (0, new byte[OpusFormat.MaxPacketLength]);
        for (var n = 0; n < 200; n++)
        {
            sent += encoder.Encode(new short[OpusFormat.FrameSamples], packet) > OpusEncoder.DtxLength ? 1 : 0;
        }

        sent.ShouldBeLessThan(40);
    }

    [Fact]
    public void Bytes_that_Opus_could_not_have_made_are_refused()
    {
        using var decoder = new OpusDecoder();
        var samples = new short[OpusFormat.MaxPacketSamples];
        decoder.TryDecode([], samples, out _).ShouldBeFalse();
        decoder.TryDecode([0xFF, 0xFF, 0xFF], samples, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_lost_frame_is_made_up_for()
    {
        using var encoder = new OpusEncoder(new OpusSettings());
        using var decoder = new OpusDecoder();
        var (ear, n) = (new Ear(), 0);
        var samples = new short[OpusFormat.MaxPacketSamples];
        Say(
            encoder,
            new ToneSource(500),
            frames: 60,
            packet =>
            {
                if (n++ % 10 == 9)
                {
                    return;
                }

                if (n % 10 == 1 && n > 1)
                {
                    ear.Listen(samples.AsSpan(0, decoder.Conceal(packet, samples)), TimeSpan.Zero);
                }

                Listen(decoder, ear, packet);
            }
        );
        ear.Hears(500, TimeSpan.Zero).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Whether_a_packet_carries_the_frame_before_it_shows_as_a_decoder_finds_it(
        bool isAskedFor,
        bool isStamped
    )
    {
        var settings = new OpusSettings
        {
            ForwardErrorCorrection = isAskedFor,
            ExpectedLossPercent = 20,
            Bitrate = 24_000,
        };
        using var encoder = new OpusEncoder(settings);
        var (packets, carrying, padded) = (new List<byte[]>(), 0, new byte[2_000]);
        Say(
            encoder,
            new ToneSource(500),
            frames: 40,
            packet => packets.Add(isStamped ? padded[..SoundStamp.Pad(packet, padded)] : packet)
        );
        for (var n = 2; n < packets.Count; n++)
        {
            var carries = OpusPacket.CarriesFrameBefore(packets[n]);
            MadeUp(packets[..(n - 1)], packets[n])
                .SequenceEqual(MadeUp(packets[..(n - 1)], []))
                .ShouldBe(!carries, $"packet {n}");
            carrying += carries ? 1 : 0;
        }

        (carrying > 0).ShouldBe(isAskedFor);
    }

    [Fact]
    public void Silence_and_noise_are_no_tone()
    {
        var random = new Random(1);
        var noise = Enumerable.Range(0, Ear.WindowSamples).Select(_ => (short)random.Next(-9000, 9000)).ToArray();
        Goertzel.Share(noise, 1000, OpusFormat.SampleRate).ShouldBeLessThan(0.05);
        Goertzel.Share(new short[100], 1000, OpusFormat.SampleRate).ShouldBe(0);
        Goertzel.Loudness([]).ShouldBe(0);
    }

    private static void Say(OpusEncoder encoder, ToneSource tone, int frames, Action<byte[]> take)
    {
        var frame = new short[OpusFormat.FrameSamples];
        var packet = new byte[OpusFormat.MaxPacketLength];
        for (var n = 0; n < frames; n++)
        {
            tone.Fill(frame);
            take(packet[..encoder.Encode(frame, packet)]);
        }
    }

    /// <summary>What a decoder that has heard these makes of the frame after them, with the packet behind that or without.</summary>
    private static short[] MadeUp(IEnumerable<byte[]> heard, byte[] next)
    {
        using var decoder = new OpusDecoder();
        var samples = new short[OpusFormat.MaxPacketSamples];
        foreach (var packet in heard)
        {
            decoder.TryDecode(packet, samples, out _).ShouldBeTrue();
        }

        return samples[..decoder.Conceal(next, samples)];
    }

    private static void Listen(OpusDecoder decoder, Ear ear, byte[] packet)
    {
        var samples = new short[OpusFormat.MaxPacketSamples];
        decoder.TryDecode(packet, samples, out var count).ShouldBeTrue();
        ear.Listen(samples.AsSpan(0, count), TimeSpan.Zero);
    }
}
