using Calls.Media.Srtp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Srtp;

/// <summary>Indices, roll-over and replays (RFC 3711 §3.3).</summary>
public class SrtpStreamTests
{
    private readonly SrtpPair _pair = new(SrtpProfile.AeadAes128Gcm);

    [Fact]
    public void A_replay_is_refused()
    {
        var packet = _pair.Send(100);
        _pair.Takes(packet).ShouldBeTrue();
        _pair.Takes(packet).ShouldBeFalse();
    }

    [Fact]
    public void Reordering_within_the_window_is_taken_once_each_and_older_ones_are_refused()
    {
        var packets = Enumerable.Range(1000, 300).Select(n => _pair.Send((ushort)n)).ToArray();
        _pair.Takes(packets[0]).ShouldBeTrue();
        _pair.Takes(packets[200]).ShouldBeTrue();
        for (var i = 200 - SrtpLimits.ReplayWindow + 1; i < 200; i++)
        {
            _pair.Takes(packets[i]).ShouldBeTrue();
            _pair.Takes(packets[i]).ShouldBeFalse();
        }

        _pair.Takes(packets[200 - SrtpLimits.ReplayWindow]).ShouldBeFalse();
    }

    [Fact]
    public void Shuffled_by_less_than_the_window_everything_arrives_exactly_once() =>
        Prop.ForAll(
                Gen.Choose(0, 65535).ToArbitrary(),
                Gen.Choose(0, 100).ArrayOf(400).ToArbitrary(),
                (first, delays) =>
                {
                    var pair = new SrtpPair(SrtpProfile.AeadAes128Gcm);
                    var sent = delays.Select(
                        (delay, n) => (Packet: pair.Send((ushort)(first + n)), Arrival: n == 0 ? -1 : n + delay)
                    );
                    var arrived = sent.OrderBy(p => p.Arrival).Select(p => p.Packet).ToArray();
                    return arrived.All(pair.Takes) && !arrived.Any(pair.Takes);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void The_roll_over_is_followed_for_several_rounds()
    {
        for (var n = 60_000; n < 60_000 + (3 * 65_536); n += 999)
        {
            _pair.Takes(_pair.Send((ushort)n)).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_packet_from_before_the_roll_over_is_taken_after_it()
    {
        var (before, last, after) = (_pair.Send(65_534), _pair.Send(65_535), _pair.Send(0));
        _pair.Takes(before).ShouldBeTrue();
        _pair.Takes(after).ShouldBeTrue();
        _pair.Takes(last).ShouldBeTrue();
        _pair.Takes(_pair.Send(1)).ShouldBeTrue();
    }

    [Fact]
    public void A_stream_whose_first_packets_are_reordered_over_the_roll_over_is_heard()
    {
        var (last, first, next) = (_pair.Send(65_535), _pair.Send(0), _pair.Send(1));
        _pair.Takes(first).ShouldBeTrue();
        _pair.Takes(last).ShouldBeTrue();
        _pair.Takes(next).ShouldBeTrue();
    }

    [Fact]
    public void The_sender_keeps_count_of_late_packets_around_the_roll_over()
    {
        var after = (_pair.Send(65_533), _pair.Send(0));
        var late = _pair.Send(65_535);
        _pair.Takes(after.Item1).ShouldBeTrue();
        _pair.Takes(after.Item2).ShouldBeTrue();
        _pair.Takes(late).ShouldBeTrue();
    }

    [Fact]
    public void A_forged_packet_moves_nothing()
    {
        _pair.Takes(_pair.Send(10)).ShouldBeTrue();
        var forged = _pair.Send(30_000);
        forged[^1] ^= 1;
        _pair.Takes(forged).ShouldBeFalse();

        var pair = new SrtpPair(SrtpProfile.AeadAes128Gcm);
        pair.Takes(pair.Send(10)).ShouldBeTrue();
        pair.Takes(forged).ShouldBeFalse();
        pair.Takes(pair.Send(11)).ShouldBeTrue();
    }

    [Fact]
    public void Each_SSRC_has_a_window_of_its_own_and_there_are_only_so_many()
    {
        for (uint ssrc = 1; ssrc <= SrtpLimits.MaxSources; ssrc++)
        {
            var stream = new SrtpStream();
            _pair.Takes(_pair.Protect(ref stream, SrtpPair.Plain(7, ssrc))).ShouldBeTrue();
            _pair.TakesRtcp(_pair.SendRtcp(ssrc)).ShouldBeTrue();
        }

        var oneTooMany = new SrtpStream();
        _pair.Takes(_pair.Protect(ref oneTooMany, SrtpPair.Plain(7, 1_000_000))).ShouldBeFalse();
        _pair.TakesRtcp(_pair.SendRtcp(1_000_000)).ShouldBeFalse();
        _pair.Receiver.SourceCount.ShouldBe(SrtpLimits.MaxSources);
    }

    [Fact]
    public void RTCP_is_refused_twice_and_taken_late()
    {
        var (first, second) = (_pair.SendRtcp(), _pair.SendRtcp());
        _pair.TakesRtcp(second).ShouldBeTrue();
        _pair.TakesRtcp(first).ShouldBeTrue();
        _pair.TakesRtcp(first).ShouldBeFalse();
        _pair.TakesRtcp(second).ShouldBeFalse();
    }
}
