using Calls.Media.Sdp;
using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

/// <summary>Forwarding as video will need it: several sources of one client, big packets with markers, another clock. Offers have no lines for it yet, so its commands are given by hand.</summary>
public sealed class SeveralSourcesTests
{
    private const string CameraMid = "7";
    private const uint CameraSsrc = 0xCA0E_0001;

    private readonly OtherSource _camera = new(CameraMid, 96, 4_711, size: 1_150);

    [Fact]
    public void Two_sources_of_one_client_go_out_as_two_streams_each_in_its_own_form()
    {
        using var world = new MediaWorld();
        var (alice, bob) = WithCamera(world);
        Film(world, alice, frames: 100);

        var seen = bob.Heard[CameraSsrc];
        seen.Count.ShouldBe(300);
        seen.ShouldAllBe(packet => packet.PayloadType == 101 && packet.Bytes.Length == 1_150);
        seen.Select(packet => packet.Number).ShouldBe(Enumerable.Range(0, 300));
        seen.Zip(seen.Skip(1)).ShouldAllBe(two => two.Second.Sequence == two.First.Sequence + 1);
        seen.Select(packet => packet.Marker).ShouldBe(Enumerable.Range(0, 300).Select(n => n % 3 == 2));
        seen.Select(packet => packet.Timestamp - seen[0].Timestamp)
            .ShouldBe(Enumerable.Range(0, 300).Select(n => 3_600u * (uint)(n / 3)));
        var heard = bob.Heard.Single(stream => stream.Key != CameraSsrc).Value;
        heard.Count.ShouldBeGreaterThan(150);
        heard.ShouldAllBe(packet => packet.PayloadType == 111 && packet.Bytes.Length < 50);
        world.Core.Counters.Unexpected.ShouldBe(0);
    }

    [Fact]
    public void Muting_silences_the_voice_and_not_the_camera()
    {
        using var world = new MediaWorld();
        var (alice, bob) = WithCamera(world);
        world.SetVoice(alice, muted: true);
        world.Run(0.1);
        var voice = bob.Heard.Single(stream => stream.Key != CameraSsrc).Value.Count;
        Film(world, alice, frames: 20);
        bob.Heard.Single(stream => stream.Key != CameraSsrc).Value.Count.ShouldBe(voice);
        bob.Heard[CameraSsrc].Count.ShouldBe(60);
    }

    [Fact]
    public void The_sender_gets_a_report_on_each_and_the_receiver_one_from_each()
    {
        using var world = new MediaWorld();
        var (alice, bob) = WithCamera(world);
        Film(world, alice, frames: 100);
        alice.Reports.Select(report => report.Ssrc).Distinct().ShouldBe([alice.Ssrc, 4_711u], ignoreOrder: true);
        bob.SenderReports.Select(report => report.Ssrc).Distinct().ShouldBe(bob.Heard.Keys, ignoreOrder: true);
    }

    [Fact]
    public void Whose_stream_a_packet_is_says_its_line_or_its_type_and_else_it_goes_nowhere()
    {
        using var world = new MediaWorld();
        var (alice, bob) = WithCamera(world);
        alice.SaysMid = false; // its stream is known
        world.Run(1);
        world.Core.Counters.Unexpected.ShouldBe(0);

        var unnamed = new OtherSource("99", 96, 4_712, size: 100); // no such line, but only a camera has that type
        alice.Show(unnamed, marker: true);
        var nobodys = new OtherSource("99", 97, 4_713, size: 100);
        alice.Show(nobodys, marker: true);
        world.Run(0.1);
        bob.Heard[CameraSsrc].Count.ShouldBe(1);
        world.Core.Counters.Unexpected.ShouldBe(1);
    }

    private void Film(MediaWorld world, TestClient client, int frames)
    {
        for (var frame = 0; frame < frames; frame++)
        {
            for (var part = 0; part < 3; part++)
            {
                client.Show(_camera, marker: part == 2);
            }
            _camera.Timestamp += 3_600;
            world.Run(0.04);
        }
        world.Run(0.1);
    }

    private static (TestClient Alice, TestClient Bob) WithCamera(MediaWorld world)
    {
        var (alice, bob) = (world.Join("alice"), world.Join("bob"));
        bob.Talks = false;
        world.Run(1);
        var (source, receiver) = (Peer(world, alice), Peer(world, bob));
        var sends = new UplinkFormat([96], 0, 2, CameraMid) { ClockRate = 90_000, Source = MediaSource.Camera };
        world.Core.Apply(new SetUplink(source, sends, CameraMid), world.Network.Now);
        var gets = new DownlinkFormat("9", CameraSsrc, "alice", 101, 0, 2) { ClockRate = 90_000 };
        world.Core.Apply(new SetDownlink(receiver, source, gets, CameraMid), world.Network.Now);
        return (alice, bob);
    }

    private static PeerId Peer(MediaWorld world, TestClient client) => world.Control.Find(client.SessionId)!.Peer;
}
