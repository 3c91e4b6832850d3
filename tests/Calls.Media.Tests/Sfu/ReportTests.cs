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
    public void What_nobody_knows_yet_is_null()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Talks = false;
        world.Run(3);
        world.Stats(alice).ShouldBe(new SessionStats(0, 0, null, null, null, null));
    }
}
