using Calls.Media.Rtcp;

namespace Calls.Media.Tests.Rtcp;

public class StatsTests
{
    private const int Rate = 48_000;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    private ReceiverStats _stats = new(Rate);

    [Fact]
    public void A_steady_stream_has_no_loss_and_no_jitter()
    {
        Receive(65_500, 100);
        var report = _stats.MakeReport(1, TimeSpan.Zero);
        report.FractionLost.ShouldBe((byte)0);
        report.CumulativeLost.ShouldBe(0);
        report.HighestSequence.ShouldBe(65_599u);
        report.Jitter.ShouldBe(0u);
        (_stats.Received, _stats.Expected, _stats.Loss).ShouldBe((100, 100, 0.0));
    }

    [Fact]
    public void Lost_packets_are_a_fraction_of_their_interval_and_add_up()
    {
        Receive(0, 100, lost: n => n % 4 == 1);
        var report = _stats.MakeReport(1, TimeSpan.Zero);
        report.FractionLost.ShouldBe((byte)64);
        report.CumulativeLost.ShouldBe(25);
        _stats.Loss.ShouldBe(0.25);

        Receive(100, 100);
        report = _stats.MakeReport(1, TimeSpan.Zero);
        report.FractionLost.ShouldBe((byte)0);
        report.CumulativeLost.ShouldBe(25);
    }

    [Fact]
    public void Late_packets_are_not_lost()
    {
        foreach (var sequence in (ushort[])[10, 12, 11, 9, 14, 13])
        {
            _stats.OnPacket(sequence, sequence * 960u, sequence * Frame);
        }

        _stats.Lost.ShouldBe(0);
        _stats.MakeReport(1, TimeSpan.Zero).HighestSequence.ShouldBe(14u);
    }

    [Fact]
    public void Jitter_goes_towards_the_mean_difference_of_transit_times()
    {
        // Every other packet comes 5 ms late: consecutive transit times differ by 240 units.
        for (var n = 0; n < 500; n++)
        {
            var late = TimeSpan.FromMilliseconds(n % 2 * 5);
            _stats.OnPacket((ushort)n, (uint)n * 960, (n * Frame) + late);
        }

        _stats.MakeReport(1, TimeSpan.Zero).Jitter.ShouldBeInRange(235u, 240u);
        _stats.Jitter.TotalMilliseconds.ShouldBeInRange(4.8, 5.01);
    }

    [Fact]
    public void The_round_trip_is_what_is_left_without_the_peers_own_delay()
    {
        var sentAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        var received = TimeSpan.FromSeconds(9);
        _stats.OnPacket(1, 1, received);
        _stats.OnSenderReport(NtpTime.From(sentAt), received);
        var report = _stats.MakeReport(1, received + TimeSpan.FromMilliseconds(700));
        report.LastSenderReport.ShouldBe(NtpTime.From(sentAt).Middle);

        var roundTrip = report.RoundTrip(NtpTime.From(sentAt + TimeSpan.FromMilliseconds(745)));
        roundTrip.ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(44.9, 45.1);
    }

    [Fact]
    public void Without_a_sender_report_there_is_no_round_trip_and_clocks_that_were_set_back_make_none_below_zero()
    {
        var report = _stats.MakeReport(1, TimeSpan.Zero);
        report.RoundTrip(new NtpTime(1ul << 40)).ShouldBeNull();
        (report with { LastSenderReport = 500, DelaySinceLastSenderReport = 100 })
            .RoundTrip(new NtpTime(550ul << 16))
            .ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void NTP_time_begins_in_1900_and_has_fractions()
    {
        NtpTime.From(DateTimeOffset.UnixEpoch).Value.ShouldBe(2_208_988_800ul << 32);
        NtpTime
            .From(DateTimeOffset.UnixEpoch.AddMilliseconds(500))
            .Value.ShouldBe((2_208_988_800ul << 32) | 0x8000_0000);
    }

    [Fact]
    public void A_sender_report_thinks_the_streams_clock_on()
    {
        var sender = new SenderStats(Rate);
        sender.OnPacket(1000, 80, TimeSpan.FromSeconds(1));
        sender.OnPacket(1960, 70, TimeSpan.FromSeconds(1.02));
        var ntp = NtpTime.From(DateTimeOffset.UnixEpoch);
        sender.MakeReport(7, ntp, TimeSpan.FromSeconds(1.12)).ShouldBe(new SenderReport(7, ntp, 1960 + 4800, 2, 150));
    }

    private void Receive(int first, int count, Func<int, bool>? lost = null)
    {
        for (var n = 0; n < count; n++)
        {
            if (lost?.Invoke(n) != true)
            {
                _stats.OnPacket((ushort)(first + n), (uint)(first + n) * 960, (first + n) * Frame);
            }
        }
    }
}
