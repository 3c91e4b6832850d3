using Calls.Media.Dtls;
using Calls.Media.Srtp;

namespace Calls.Media.Tests.Sfu;

public sealed class ForwardingTests
{
    [Fact]
    public void Two_people_hear_each_other_and_not_themselves()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(3);

        alice.From("bob").Count.ShouldBeGreaterThan(130);
        bob.From("alice").Count.ShouldBeGreaterThan(130);
        alice.From("alice").ShouldBeEmpty();
        alice.Heard.Keys.ShouldBe([alice.Said!.Lines[1].Ssrc]);
        world.Log.ShouldBe(["s-alice connected", "s-bob connected"], ignoreOrder: true);
    }

    [Fact]
    public void What_is_heard_keeps_its_order_its_pace_and_its_bytes()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Join("bob");
        world.Run(3);

        var heard = alice.From("bob");
        for (var i = 1; i < heard.Count; i++)
        {
            heard[i].Number.ShouldBe(heard[i - 1].Number + 1);
            heard[i].Sequence.ShouldBe((ushort)(heard[i - 1].Sequence + 1));
            heard[i].Timestamp.ShouldBe(heard[i - 1].Timestamp + 960);
            heard[i].Level.ShouldBe(20);
        }
        heard[0].Mid.ShouldBe("1");
        heard[^1].Mid.ShouldBeNull();
    }

    [Fact]
    public void Clients_with_different_ways_of_protecting_their_media_hear_each_other()
    {
        using var world = new MediaWorld();
        var identities = SrtpProfile
            .Preferred.Select(profile => new DtlsIdentity(MediaWorld.Epoch, [profile]))
            .ToList();
        var all = identities.Select((identity, i) => world.Join($"user-{i}", identity: identity)).ToList();
        world.Run(2);
        all.Select(one => one.Profile).ShouldBe(SrtpProfile.Preferred);
        foreach (var one in all)
        {
            all.Where(other => other != one).ShouldAllBe(other => one.From(other.User).Count > 80);
        }
        identities.ForEach(identity => identity.Dispose());
    }

    [Fact]
    public void Rooms_do_not_hear_each_other()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice", "one");
        var bob = world.Join("bob", "one");
        var carol = world.Join("carol", "two");
        var dave = world.Join("dave", "two");
        world.Run(2);

        alice.From("bob").ShouldNotBeEmpty();
        bob.Heard.Values.SelectMany(packets => packets).ShouldAllBe(packet => packet.Speaker == "alice");
        carol.Heard.Values.SelectMany(packets => packets).ShouldAllBe(packet => packet.Speaker == "dave");
        dave.From("carol").ShouldNotBeEmpty();
    }

    [Fact]
    public void A_network_that_loses_doubles_and_reorders_costs_only_what_it_lost()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            using var world = new MediaWorld(seed);
            world.Network.Loss = 0.1;
            world.Network.Doubling = 0.1;
            world.Network.Jitter = TimeSpan.FromMilliseconds(60);
            var alice = world.Join("alice");
            var bob = world.Join("bob");
            world.Run(20);

            // Nine tenths of nine tenths, doubled ones coming more often; what came is whole and comes once.
            var heard = alice.From("bob");
            heard.Count.ShouldBeInRange(700, 950, $"with seed {seed}");
            heard.Select(packet => packet.Number).Distinct().Count().ShouldBe(heard.Count);
            // Number and sequence are shifted by the same amount throughout: losses stay holes.
            heard.Select(packet => (ushort)(packet.Sequence - packet.Number)).Distinct().Count().ShouldBe(1);
            bob.From("alice").Count.ShouldBeInRange(700, 950, $"with seed {seed}");
        }
    }

    [Fact]
    public void Whoever_is_muted_is_not_heard_and_leaves_no_hole()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        world.SetVoice(bob, muted: true);
        world.Run(0.1); // what is on the wire still arrives
        var before = alice.From("bob").Count;
        world.Run(3);
        alice.From("bob").Count.ShouldBe(before);
        world.Stats(bob).AudioLevel.ShouldBe(0);

        world.SetVoice(bob);
        world.Run(1);
        var heard = alice.From("bob");
        heard.Count.ShouldBeGreaterThan(before + 40);
        heard[before].Sequence.ShouldBe((ushort)(heard[before - 1].Sequence + 1));
        // Time went on meanwhile, and so did the stream's clock.
        (heard[before].Timestamp - heard[before - 1].Timestamp).ShouldBeInRange(3 * 48_000u, 32 * 4_800u);
        bob.From("alice").Count.ShouldBeGreaterThan(250);
    }

    [Fact]
    public void Whoever_is_deafened_is_sent_nothing_and_comes_back_without_a_hole()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        world.SetVoice(alice, deafened: true);
        world.Run(0.1);
        var before = alice.From("bob").Count;
        world.Run(2);
        alice.From("bob").Count.ShouldBe(before);

        world.SetVoice(alice);
        world.Run(1);
        var heard = alice.From("bob");
        heard.Count.ShouldBeGreaterThan(before + 40);
        heard[before].Sequence.ShouldBe((ushort)(heard[before - 1].Sequence + 1));
        bob.From("alice").Count.ShouldBeGreaterThan(200);
    }

    [Fact]
    public void Whoever_comes_in_muted_and_deafened_stays_so()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice", muted: true, deafened: true);
        var bob = world.Join("bob");
        world.Run(2);
        alice.Heard.ShouldBeEmpty();
        bob.Heard.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_passes_in_either_direction_once_a_session_is_closed()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        world.Close(bob);
        var heardByAlice = alice.From("bob").Count;
        var forwarded = world.Stats(alice).SentPackets;
        var answered = bob.ChecksAnswered;
        world.Run(0.02); // a packet of bob's is on the wire, and one for alice
        bob.Heard.Clear();
        for (var i = 0; i < 50; i++)
        {
            bob.Speak(world.Network.Now);
            bob.Check(nominate: true, again: false);
            world.Run(0.02);
        }
        world.Stats(alice).SentPackets.ShouldBe(forwarded);
        alice.From("bob").Count.ShouldBeLessThanOrEqualTo(heardByAlice + 1);
        bob.Heard.ShouldBeEmpty();
        bob.ChecksAnswered.ShouldBe(answered);
        alice.Byes.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_users_new_session_goes_on_where_the_old_one_was_and_the_others_never_learn_of_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var phone = world.Join("bob", session: "phone");
        world.Run(2);
        var offers = alice.Offers;
        var ssrc = alice.Heard.Keys.Single();
        var before = alice.From("bob").Count;

        var laptop = world.Join("bob", session: "laptop");
        world.Control.Find("phone").ShouldBeNull();
        world.Run(2);

        alice.Offers.ShouldBe(offers);
        alice.Heard.Keys.ShouldBe([ssrc]);
        var heard = alice.From("bob");
        heard.Count.ShouldBeGreaterThan(before + 80);
        for (var i = 1; i < heard.Count; i++)
        {
            heard[i].Sequence.ShouldBe((ushort)(heard[i - 1].Sequence + 1));
            ((int)(heard[i].Timestamp - heard[i - 1].Timestamp)).ShouldBeGreaterThan(0);
        }
        laptop.From("alice").Count.ShouldBeGreaterThan(80);
        phone.From("alice").Count.ShouldBeLessThan(110);
        alice.Byes.ShouldBeEmpty();
    }

    [Fact]
    public void A_new_session_that_uses_the_old_ones_SSRC_is_heard_at_once()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            using var world = new MediaWorld(seed);
            var alice = world.Join("alice");
            var phone = world.Join("bob", session: "phone");
            world.Run(2);
            var laptop = world.Join("bob", session: "laptop");
            laptop.Ssrc = phone.Ssrc; // its numbers begin anywhere
            var before = alice.From("bob").Count;
            world.Run(2);
            alice.From("bob").Count.ShouldBeGreaterThan(before + 80);
            alice.Heard.Keys.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void A_stray_packet_of_the_stream_before_does_not_bring_it_back()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        bob.Ssrc += 5;
        world.Run(0.1);
        var before = alice.From("bob").Count;
        bob.Ssrc -= 5;
        bob.Speak(world.Network.Now); // as if the network had held it up
        bob.Ssrc += 5;
        world.Run(1);
        alice.From("bob").Count.ShouldBeInRange(before + 49, before + 51);
    }

    [Fact]
    public void A_client_may_go_back_to_a_stream_that_it_had_left()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(1);
        bob.Ssrc += 5;
        world.Run(1);
        bob.Ssrc -= 5;
        world.Run(2);
        alice.From("bob")[^1].Number.ShouldBeGreaterThan(bob.Spoken - 3);
        alice.From("bob").Count.ShouldBeGreaterThan(bob.Spoken - 60); // but for what it takes to believe it
    }

    [Fact]
    public void Someone_who_comes_after_another_has_gone_stands_on_the_same_line_with_an_SSRC_of_their_own()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var old = alice.Said!.Lines[1].Ssrc;
        world.Close(bob);
        world.Run(1);
        alice.Said!.Lines[1].Direction.ShouldBe("inactive");
        alice.Offer!.Tracks.Select(track => track.Mid).ShouldBe(["0"]);

        world.Join("carol");
        world.Run(2);
        alice.Said!.Lines.Count.ShouldBe(2);
        alice.Said.Lines[1].Stream.ShouldBe("carol");
        alice.Said.Lines[1].Ssrc.ShouldNotBe(old);
        alice.From("carol").Count.ShouldBeGreaterThan(80);
    }

    [Fact]
    public void Twenty_five_people_all_hear_the_twenty_four_others()
    {
        using var world = new MediaWorld();
        var all = Enumerable.Range(1, 25).Select(i => world.Join($"user-{i}")).ToList();
        world.Run(3);

        foreach (var one in all)
        {
            one.Said!.Lines.Count.ShouldBe(25);
            one.Offer!.Sdp.Length.ShouldBeLessThan(32 * 1024); // fits a signalling message with room to spare
            foreach (var other in all.Where(other => other != one))
            {
                one.From(other.User).Count.ShouldBeGreaterThan(100, $"{one.User} hears {other.User}");
            }
        }
    }

    [Fact]
    public void A_client_may_turn_a_line_off_and_on_again_in_its_answers_and_the_stream_goes_on()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Join("bob");
        world.Run(2);
        alice.Edit = sdp => sdp.Replace("a=recvonly", "a=inactive");
        world.Join("carol");
        world.Run(0.1);
        var before = alice.From("bob").Count;
        world.Run(1);
        alice.From("bob").Count.ShouldBe(before);
        alice.From("carol").ShouldBeEmpty();

        alice.Edit = sdp => sdp;
        world.Join("dave");
        world.Run(1);
        var heard = alice.From("bob");
        heard.Count.ShouldBeGreaterThan(before + 40);
        heard[before].Sequence.ShouldBe((ushort)(heard[before - 1].Sequence + 1));
        alice.From("carol").Count.ShouldBeGreaterThan(40);
    }

    [Fact]
    public void A_client_that_stops_sending_by_its_answer_is_not_listened_to()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        bob.Edit = sdp => sdp.Replace("a=sendonly", "a=inactive");
        world.Join("carol");
        world.Run(0.1);
        var before = alice.From("bob").Count;
        world.Run(1);
        alice.From("bob").Count.ShouldBe(before);
    }

    [Fact]
    public void A_client_that_begins_a_new_stream_on_its_line_is_heard_on_without_a_hole()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var before = alice.From("bob").Count;
        bob.Ssrc += 5;
        world.Run(1);
        var heard = alice.From("bob");
        heard.Count.ShouldBeInRange(before + 49, before + 51);
        alice.Heard.Keys.ShouldHaveSingleItem();
        heard[before].Sequence.ShouldBe((ushort)(heard[before - 1].Sequence + 1));
    }

    [Fact]
    public void A_new_stream_that_does_not_say_its_line_has_to_wait_for_the_old_one_to_end()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        bob.SaysMid = false;
        world.Run(2);
        var before = alice.From("bob").Count;
        bob.Ssrc += 5;
        world.Run(0.4);
        alice.From("bob").Count.ShouldBeLessThanOrEqualTo(before + 1); // one was on the wire
        world.Run(1);
        alice.From("bob").Count.ShouldBeGreaterThan(before + 40);
    }

    [Fact]
    public void Two_streams_at_once_on_one_line_are_not_mixed()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        bob.SaysMid = false;
        world.Run(1);
        var first = alice.From("bob").Count;
        for (var i = 0; i < 50; i++)
        {
            bob.Ssrc ^= 1; // an extra packet under another SSRC beside each proper one
            bob.Speak(world.Network.Now);
            bob.Ssrc ^= 1;
            world.Run(0.02);
        }
        alice.From("bob").Count.ShouldBeInRange(first + 49, first + 51);
    }
}
