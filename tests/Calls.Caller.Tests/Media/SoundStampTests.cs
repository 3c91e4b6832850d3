using Calls.Caller.Media;
using Calls.Caller.Opus;

namespace Calls.Caller.Tests.Media;

public class SoundStampTests
{
    private readonly OpusEncoder _encoder = new(new OpusSettings());

    [Fact]
    public void A_stamped_packet_tells_who_said_it_and_when()
    {
        var payload = Padded(Frame(700));
        var stamp = new SoundStamp(7, SoundStamp.SpeakerOf("alice"), TimeSpan.FromTicks(123_456_789_012));
        stamp.Write(payload);
        SoundStamp.TryRead(payload, out var read).ShouldBeTrue();
        read.ShouldBe(stamp);
        read.Speaker.ShouldNotBe(SoundStamp.SpeakerOf("bob"));
    }

    [Fact]
    public void A_decoder_hears_the_same_with_the_stamp_as_without()
    {
        using var plain = new OpusDecoder();
        using var stamped = new OpusDecoder();
        var (before, after) = (new short[OpusFormat.MaxPacketSamples], new short[OpusFormat.MaxPacketSamples]);
        var tone = new ToneSource(700);
        for (var n = 0; n < 20; n++)
        {
            var packet = Frame(700, tone);
            var payload = Padded(packet);
            new SoundStamp(uint.MaxValue, uint.MaxValue, TimeSpan.MaxValue).Write(payload);
            plain.TryDecode(packet, before, out var count).ShouldBeTrue();
            stamped.TryDecode(payload, after, out var stampedCount).ShouldBeTrue();
            stampedCount.ShouldBe(count);
            after.ShouldBe(before);
        }

        before.Max().ShouldBeGreaterThan((short)1_000);
    }

    [Fact]
    public void Other_clients_packets_have_no_stamp()
    {
        var packet = Frame(700);
        SoundStamp.TryRead(packet, out _).ShouldBeFalse();
        SoundStamp.TryRead(Padded(packet), out _).ShouldBeFalse("padding of zeros is no stamp");
        SoundStamp.TryRead([], out _).ShouldBeFalse();
        SoundStamp.TryRead([3, 0x41, SoundStamp.Length], out _).ShouldBeFalse();
    }

    [Fact]
    public void A_packet_of_several_frames_is_not_padded() =>
        Should.Throw<ArgumentException>(() => SoundStamp.Pad([0x0B, 0x02, 1, 2], new byte[100]));

    private byte[] Frame(double hertz, ToneSource? tone = null)
    {
        var samples = new short[OpusFormat.FrameSamples];
        (tone ?? new ToneSource(hertz)).Fill(samples);
        var packet = new byte[OpusFormat.MaxPacketLength];
        return packet[.._encoder.Encode(samples, packet)];
    }

    private static byte[] Padded(byte[] packet)
    {
        var padded = new byte[packet.Length + SoundStamp.Overhead];
        SoundStamp.Pad(packet, padded).ShouldBe(padded.Length);
        return padded;
    }
}
