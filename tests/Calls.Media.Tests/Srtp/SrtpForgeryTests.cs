using Calls.Media.Srtp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Srtp;

/// <summary>What is not authentic or not well-formed is refused and left alone; nothing throws.</summary>
public class SrtpForgeryTests
{
    public static TheoryData<string> Profiles => SrtpPair.ProfileNames;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Any_single_flipped_bit_of_RTP_is_noticed(string profile)
    {
        var pair = SrtpPair.Of(profile);
        var packet = pair.Send(1);
        ForEachFlippedBit(packet, forged => pair.Receiver.TryUnprotect(forged, out _).ShouldBeFalse());
        pair.Takes(packet).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Any_single_flipped_bit_of_RTCP_is_noticed(string profile)
    {
        var pair = SrtpPair.Of(profile);
        var packet = pair.SendRtcp();
        ForEachFlippedBit(packet, forged => pair.Receiver.TryUnprotectRtcp(forged, out _).ShouldBeFalse());
        pair.TakesRtcp(packet).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_shortened_packet_is_refused(string profile)
    {
        var pair = SrtpPair.Of(profile);
        var (rtp, rtcp) = (pair.Send(1), pair.SendRtcp());
        for (var length = 0; length < rtp.Length; length++)
        {
            pair.Takes(rtp[..length]).ShouldBeFalse();
        }

        for (var length = 0; length < rtcp.Length; length++)
        {
            pair.TakesRtcp(rtcp[..length]).ShouldBeFalse();
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Random_bytes_are_refused_and_stay_as_they_were(string profile)
    {
        var pair = SrtpPair.Of(profile);
        Prop.ForAll(
                Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf().ToArbitrary(),
                Gen.Elements<byte>(0x80, 0x90, 0x9F, 0xBF, 0x8F).ToArbitrary(),
                (bytes, first) =>
                {
                    if (bytes.Length > 0)
                    {
                        bytes[0] = first;
                    }

                    byte[] rtp = [.. bytes];
                    byte[] rtcp = [.. bytes];
                    return !pair.Receiver.TryUnprotect(rtp, out _)
                        && !pair.Receiver.TryUnprotectRtcp(rtcp, out _)
                        && bytes.AsSpan().SequenceEqual(rtp)
                        && bytes.AsSpan().SequenceEqual(rtcp);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(2300));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_header_that_reaches_beyond_the_packet_is_refused(string profile)
    {
        var pair = SrtpPair.Of(profile);
        var packet = pair.Send(1);
        packet[0] |= 0x10; // an extension whose length is what the ciphertext says
        pair.Takes(packet).ShouldBeFalse();
        packet[14] = packet[15] = 0xFF;
        pair.Takes(packet).ShouldBeFalse();
        pair.Takes([0x8F, .. packet[1..40]]).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_packet_longer_than_any_path_carries_is_refused(string profile)
    {
        var pair = SrtpPair.Of(profile);
        pair.Takes(new byte[SrtpLimits.MaxPacketLength + 1]).ShouldBeFalse();
        pair.TakesRtcp(new byte[SrtpLimits.MaxRtcpLength + 1]).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Packets_of_every_length_come_back_whole(string profile)
    {
        var pair = SrtpPair.Of(profile);
        var stream = new SrtpStream();
        for (var payload = 0; payload <= 1500; payload += payload < 300 ? 1 : 97)
        {
            var plain = SrtpPair.Plain((ushort)payload, payload: payload);
            var packet = pair.Protect(ref stream, plain);
            pair.Receiver.TryUnprotect(packet, out var length).ShouldBeTrue();
            packet.AsSpan(0, length).SequenceEqual(plain).ShouldBeTrue();
        }
    }

    private static void ForEachFlippedBit(byte[] packet, Action<byte[]> check)
    {
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var forged = (byte[])packet.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            check(forged);
        }
    }
}
