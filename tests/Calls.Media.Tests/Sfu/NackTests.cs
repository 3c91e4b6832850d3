using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

/// <summary>Packets that are sent again: to receivers that miss them, and by senders that are asked (RFC 4585 section 6.2.1).</summary>
public sealed class NackTests
{
    [Fact]
    public void A_packet_that_a_receiver_asks_for_comes_again_to_the_bit()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice");
        world.Join("bob").Talks = true;
        alice.Nacks = false;
        world.Run(2);
        var (ssrc, packets) = alice.Heard.Single();
        alice.Datagrams.Clear();
        var heard = packets.Count;

        // The last but two, the one before it, and one more of a gap in between: the form of number and bits.
        ushort[] wanted =
        [
            (ushort)(packets[^1].Sequence - 4),
            (ushort)(packets[^1].Sequence - 3),
            packets[^1].Sequence,
        ];
        world.Network.At(world.Network.Now, _ => alice.Ask(ssrc, wanted));
        world.Run(0.1);

        var again = alice.Datagrams.Where(one => wanted.Contains(Sequence(one))).ToList();
        again.Select(Sequence).ShouldBe(wanted);
        packets.Count.ShouldBe(heard + alice.Datagrams.Count - 3, "SRTP takes no packet twice");
        world.Core.Counters.Resent.ShouldBe(3);
    }

    [Fact]
    public void Sent_again_it_is_the_same_under_the_same_number_whatever_came_between()
    {
        using var world = new MediaWorld();
        var alice = Join(
            world,
            "alice",
            $"{Agreed}a=rtcp-fb:111 transport-cc\r\n"
                + "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
        );
        var bob = world.Join("bob");
        alice.Nacks = false;
        // The first packets carry a MID, the later ones do not.
        while (!alice.Heard.Values.Any(stream => stream.Any(packet => packet.Mid is null)))
        {
            world.Run(0.02);
        }
        world.Run(0.2);
        var (ssrc, packets) = alice.Heard.Single();
        var first = alice.Datagrams.ToDictionary(Sequence);
        var hasMid = packets.ToDictionary(packet => packet.Sequence, packet => packet.Mid is not null);
        bob.Level = 60;
        world.Run(0.1);
        bob.Talks = false;
        alice.Datagrams.Clear();
        alice.Ask(ssrc, [.. first.Keys.Order()]);
        world.Run(0.1);

        var again = alice.Datagrams.Where(one => first.ContainsKey(Sequence(one))).ToList();
        again.Select(one => hasMid[Sequence(one)]).Distinct().ShouldBe([true, false], ignoreOrder: true);
        again.ShouldAllBe(one => one.SequenceEqual(first[Sequence(one)]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void With_a_tenth_lost_on_either_way_hardly_a_word_is_missed(int seed)
    {
        Missed(seed, nacks: false).ShouldBeGreaterThan(0.14);
        Missed(seed, nacks: true).ShouldBeLessThan(0.03);
    }

    [Fact]
    public void A_sender_is_asked_once_per_round_trip_and_not_for_ever()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice");
        world.Join("bob");
        alice.Nacks = false; // it agrees, and never answers
        alice.Loses = n => n == 100;
        world.Run(5);

        alice.Asked.Count.ShouldBe(MissingPackets.MaxTries);
        alice.Asked.Select(one => one.Sequence).Distinct().ShouldHaveSingleItem();
        alice.Asked.Zip(alice.Asked.Skip(1)).ShouldAllBe(two => (two.Second.At - two.First.At).TotalMilliseconds >= 40);
        (alice.Asked[^1].At - alice.Asked[0].At).ShouldBeLessThan(MissingPackets.Patience);
        world.Core.Counters.Requested.ShouldBe(alice.Asked.Count);
        alice.ReducedSizes.ShouldAllBe(isReduced => isReduced);
    }

    [Fact]
    public void Without_reduced_size_a_report_goes_before_the_request()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice", "a=rtcp-fb:* nack\r\n");
        alice.Loses = n => n == 100;
        world.Run(3);
        alice.ReducedSizes.ShouldBe([false]);
    }

    [Fact]
    public void Whoever_did_not_agree_is_asked_for_nothing_and_sent_nothing_again()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice", "");
        world.Join("bob");
        alice.Loses = n => n % 10 == 0;
        world.Run(2);
        var (ssrc, packets) = alice.Heard.Single();
        alice.Ask(ssrc, packets[^1].Sequence);
        world.Run(0.2);

        alice.Asked.ShouldBeEmpty();
        world.Core.Counters.Resent.ShouldBe(0);
    }

    [Fact]
    public void Who_asks_for_everything_all_the_time_gets_a_bounded_part_of_it()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice");
        world.Join("bob");
        alice.Nacks = false;
        world.Run(2);
        var (ssrc, packets) = alice.Heard.Single();
        for (var i = 0; i < 500; i++)
        {
            var last = packets[^1].Sequence;
            alice.Ask(ssrc, [.. Enumerable.Range(last - 200, 200).Select(n => (ushort)n)]);
            world.Run(0.02);
        }
        // 50 a second, and the history once.
        world.Core.Counters.Resent.ShouldBeInRange(400, (50 * 10) + SentPackets.Capacity + 1);
    }

    [Fact]
    public void What_was_said_before_a_mute_is_not_sent_again_after_it()
    {
        using var world = new MediaWorld();
        var alice = Join(world, "alice");
        var bob = world.Join("bob");
        world.Run(2);
        var (ssrc, packets) = alice.Heard.Single();
        world.SetVoice(bob, muted: true);
        alice.Ask(ssrc, packets[^1].Sequence);
        world.Run(0.2);
        world.Core.Counters.Resent.ShouldBe(0);
    }

    private static double Missed(int seed, bool nacks)
    {
        using var world = new MediaWorld(seed);
        var feedback = nacks ? Agreed : "";
        var alice = Join(world, "alice", feedback);
        var bob = Join(world, "bob", feedback);
        world.Run(2);
        (alice.Nacks, bob.Nacks) = (nacks, nacks);
        world.Network.Loss = 0.1;
        var from = bob.Spoken;
        world.Run(20);
        world.Network.Loss = 0;
        var to = bob.Spoken - 10;
        world.Run(1);
        var heard = alice.From("bob").Select(packet => packet.Number).ToHashSet();
        return Enumerable.Range(from, to - from).Count(n => !heard.Contains(n)) / (double)(to - from);
    }

    private const string Agreed = "a=rtcp-rsize\r\na=rtcp-fb:111 nack\r\n";

    private static TestClient Join(MediaWorld world, string user, string feedback = Agreed)
    {
        var client = world.Join(user);
        client.Edit = sdp => sdp.Replace("a=rtcp-mux\r\n", $"a=rtcp-mux\r\n{feedback}");
        client.Nacks = true;
        return client;
    }

    private static ushort Sequence(byte[] datagram) => (ushort)((datagram[2] << 8) | datagram[3]);
}
