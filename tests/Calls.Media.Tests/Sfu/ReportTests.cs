using System.Buffers.Binary;
using Calls.Media.Rtcp;

namespace Calls.Media.Tests.Sfu;

public sealed class ReportTests
{
    [Fact]
    public void Senders_are_told_about_once_a_second_how_they_are_received()
    {
        using var world = new MediaWorld();
        world.Network.Loss = 0.2;
        var alice = world.Join("alice");
        world.Join("bob");
        world.Run(20);

        alice.Reports.Count.ShouldBeInRange(10, 25); // a fifth of them is lost too
        alice.Reports.ShouldAllBe(block => block.Ssrc == alice.Ssrc);
        ((double)alice.Reports[^1].CumulativeLost / alice.Spoken).ShouldBeInRange(0.14, 0.27);
        world.Stats(alice).Loss!.Value.ShouldBeInRange(0.02, 0.45);
    }

    [Fact]
    public void Receivers_get_a_sender_report_for_each_source_and_their_answer_shows_the_round_trip()
    {
        using var world = new MediaWorld();
        world.Network.Delay = TimeSpan.FromMilliseconds(40);
        var alice = world.Join("alice");
        world.Join("bob");
        world.Join("carol");
        world.Run(4);

        alice.SenderReports.Select(report => report.Ssrc).Distinct().ShouldBe(alice.Heard.Keys, ignoreOrder: true);
        world.Stats(alice).RoundTripMs.ShouldBeNull();

        // An answer takes longer than the network, and says so.
        var last = alice.SenderReports[^1];
        var reportedAt = alice.ReportsAt[^1];
        world.Run(0.1);
        var age = world.Network.Now - reportedAt;
        alice.SendRtcp(rtcp =>
            rtcp.Receiver(
                alice.Ssrc,
                new ReportBlock(last.Ssrc, 0, 0, 0, 0, last.Ntp.Middle, (uint)(age.TotalSeconds * 65_536))
            )
        );
        world.Run(0.1);
        world.Stats(alice).RoundTripMs!.Value.ShouldBe(80, tolerance: 1);
    }

    [Fact]
    public void A_source_that_says_when_its_sounds_were_made_is_quoted()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(1);

        // Bob's clock is years away from the server's.
        var ntp = new NtpTime(0x1234_5678_0000_0000);
        var spokenAt = bob.NextTimestamp;
        var said = world.Network.Now;
        bob.SendRtcp(rtcp => rtcp.Sender(new SenderReport(bob.Ssrc, ntp, spokenAt, 1, 1)));
        alice.SenderReports.Clear();
        world.Run(3);

        var quoted = alice.SenderReports[^1];
        (quoted.Ntp.Value - ntp.Value).ShouldBeLessThan(4UL << 32);
        // The same moment on both clocks: what the report pairs must fit what is heard.
        var shift = alice.From("bob")[^1].Timestamp - (uint)(bob.FirstTimestamp + (960 * alice.From("bob")[^1].Number));
        var seconds = (quoted.Ntp.Value - ntp.Value) / (double)(1UL << 32);
        var expected = spokenAt + (uint)(seconds * 48_000) + shift;
        Math.Abs((int)(quoted.RtpTimestamp - expected)).ShouldBeLessThan(10);
        said.ShouldBeLessThan(world.Network.Now);
    }

    [Fact]
    public void Jitter_is_that_of_the_network()
    {
        using var world = new MediaWorld();
        world.Network.Jitter = TimeSpan.FromMilliseconds(18);
        var alice = world.Join("alice");
        world.Join("bob");
        world.Run(20);
        // The mean difference of two uniform delays is a third of their range.
        world.Stats(alice).JitterMs!.Value.ShouldBeInRange(3, 9);
    }

    [Fact]
    public void Reports_come_at_random_times_about_a_second_apart_the_first_one_sooner()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Join("bob");
        world.Run(60);

        alice.CompoundsAt[0].ShouldBeLessThan(TimeSpan.FromSeconds(1));
        var pauses = alice.CompoundsAt.Zip(alice.CompoundsAt.Skip(1), (a, b) => (b - a).TotalSeconds).Skip(1).ToList();
        pauses.ShouldAllBe(pause => pause > 0.49 && pause < 1.51);
        pauses.Average().ShouldBe(1, tolerance: 0.15);
        pauses.Select(pause => Math.Round(pause, 2)).Distinct().Count().ShouldBeGreaterThan(20);
    }

    [Fact]
    public void One_who_only_listens_learns_the_round_trip_by_saying_what_time_it_is()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Talks = false;
        world.Join("bob");
        world.Run(2);

        var time = new NtpTime(0x1234_5678_9ABC_DEF0);
        alice.SendRtcp(rtcp => rtcp.Receiver(77).ReferenceTime(77, time));
        world.Run(3);

        // Extended report, block of the last reference: who, the middle of the time, since when in 1/65536 s (RFC 3611 section 4.5).
        var body = alice.ExtendedReports[0];
        BinaryPrimitives.ReadUInt32BigEndian(body).ShouldBe(alice.Heard.Single().Key);
        body[4].ShouldBe((byte)5);
        BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(8)).ShouldBe(77u);
        BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(12)).ShouldBe(0x5678_9ABCu);
        (BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)) / 65_536.0).ShouldBeInRange(0.001, 1.51);
    }

    [Fact]
    public void What_nobody_knows_yet_is_null()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Talks = false;
        world.Run(3);
        world.Stats(alice).ShouldBe(new SessionStats(0, 0, null, null, null, null));
    }
}
