namespace Calls.Media.Tests.Sfu;

/// <summary>Opus with redundancy (RFC 2198) from one who sends it, at receivers of every kind.</summary>
public sealed class RedundancyTests
{
    // One earlier frame of three bytes under Opus' number, then the present one.
    private static readonly byte[] Blocks = [0x80 | 111, 0x0F, 0x00, 3, 111, .. "old"u8];

    [Fact]
    public void It_goes_through_to_whoever_agreed_and_others_get_the_present_frame_alone()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        (alice.PayloadType, alice.Prefix) = (63, Blocks);
        alice.Edit = WithRed;
        var bob = world.Join("bob");
        bob.Edit = WithRed;
        var carol = world.Join("carol");
        world.Run(2);

        var (red, plain) = (Heard(bob, alice), Heard(carol, alice));
        red.Count.ShouldBeGreaterThan(50);
        red.ShouldAllBe(packet => packet.PayloadType == 63 && packet.Payload.Contains("oldalice#"));
        plain.Count.ShouldBeGreaterThan(50);
        plain.ShouldAllBe(packet => packet.PayloadType == 111 && packet.Payload.StartsWith("alice#"));
    }

    [Fact]
    public void Where_opus_has_another_number_so_has_it_within()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        (alice.PayloadType, alice.Prefix) = (63, Blocks);
        alice.Edit = WithRed;
        var bob = world.Join("bob");
        bob.Edit = sdp =>
            WithRed(sdp) // the fingerprint may hold any number, too
                .Replace("SAVPF 111 63", "SAVPF 96 97")
                .Replace("rtpmap:111", "rtpmap:96")
                .Replace("fmtp:111", "fmtp:96")
                .Replace("rtcp-fb:111", "rtcp-fb:96")
                .Replace("rtpmap:63", "rtpmap:97");
        world.Run(2);

        var heard = Heard(bob, alice);
        heard.Count.ShouldBeGreaterThan(50);
        byte[] expected = [0x80 | 96, 0x0F, 0x00, 3, 96];
        heard.ShouldAllBe(packet => packet.PayloadType == 97 && packet.Bytes.Take(5).SequenceEqual(expected));
    }

    [Fact]
    public void Blocks_that_do_not_hold_together_go_nowhere()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        (alice.PayloadType, alice.Prefix) = (63, [0x80 | 111, 0, 3, 0xFF, 111]);
        alice.Edit = WithRed;
        var bob = world.Join("bob");
        bob.Edit = WithRed;
        world.Run(2);
        Heard(bob, alice).ShouldBeEmpty();
        world.Core.Counters.Unexpected.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void A_sender_may_change_its_mind_in_mid_stream()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Edit = WithRed;
        var bob = world.Join("bob");
        bob.Edit = WithRed;
        world.Run(2);
        (alice.PayloadType, alice.Prefix) = (63, Blocks);
        world.Run(2);
        var packets = bob.Heard.Single().Value;
        packets.Select(packet => packet.PayloadType).Distinct().ShouldBe([(byte)111, (byte)63]);
        packets.Zip(packets.Skip(1)).ShouldAllBe(two => two.Second.Sequence == two.First.Sequence + 1);
    }

    private static List<HeardPacket> Heard(TestClient listener, TestClient speaker) =>
        [.. listener.Heard.Values.SelectMany(packets => packets).Where(p => p.Payload.Contains(speaker.User))];

    private static string WithRed(string sdp) =>
        sdp.Replace("SAVPF 111\r\n", "SAVPF 111 63\r\n")
            .Replace("a=rtpmap:111 opus/48000/2\r\n", "a=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n");
}
