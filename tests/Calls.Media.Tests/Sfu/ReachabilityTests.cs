namespace Calls.Media.Tests.Sfu;

public sealed class ReachabilityTests
{
    [Fact]
    public void Whoever_moves_to_another_address_is_followed_when_they_nominate_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        bob.Move(nominate: true);
        var before = bob.From("alice").Count;
        world.Run(2);
        bob.From("alice").Count.ShouldBeGreaterThan(before + 90);
        alice.From("bob").Count.ShouldBeGreaterThan(180);
        alice.Offers.ShouldBe(2);
    }

    [Fact]
    public void A_spare_pair_that_is_only_checked_draws_no_media()
    {
        using var world = new MediaWorld();
        world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var first = bob.Path;
        bob.Move(nominate: false);
        world.Run(0.1);
        world.Core.AddressOf(world.Control.Find(bob.SessionId)!.Peer).ShouldBe(first);
    }

    [Fact]
    public void Until_a_moved_client_s_check_comes_nothing_is_taken_from_its_new_address_and_none_is_lost_after_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        bob.ChecksNoMore = true; // but for the one below
        bob.Rebind();
        world.Run(1);
        var heard = (Of: alice.From("bob").Count, By: bob.From("alice").Count);
        world.Run(0.5);
        (alice.From("bob").Count, bob.From("alice").Count).ShouldBe(heard);

        bob.Check(nominate: true, again: false);
        world.Run(2);
        alice.From("bob").Count.ShouldBeGreaterThan(heard.Of + 95);
        bob.From("alice").Count.ShouldBeGreaterThan(heard.By + 95);
        world.Log.ShouldBe(["s-alice connected", "s-bob connected"], ignoreOrder: true);
        alice.Offers.ShouldBe(2);
    }

    [Fact]
    public void A_client_whose_address_changes_every_few_seconds_is_followed_by_its_own_checks()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            using var world = new MediaWorld(seed);
            world.Network.Loss = 0.1;
            world.Network.Jitter = TimeSpan.FromMilliseconds(30);
            var alice = world.Join("alice");
            var bob = world.Join("bob");
            world.Run(5);
            for (var times = 0; times < 12; times++)
            {
                bob.Rebind();
                world.Run(15); // six of the checks that browsers send by themselves
                var before = bob.From("alice").Count;
                world.Run(1);
                bob.From("alice").Count.ShouldBeGreaterThan(before + 25, $"seed {seed}, move {times}");
            }
        }
    }

    [Fact]
    public void Nobody_without_the_password_draws_the_media_away()
    {
        using var world = new MediaWorld();
        world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var mallory = new TestClient(world, "mallory", bob.SessionId) { Talks = false, Answers = false };
        using var elsewhere = new MediaWorld(99);
        var otherOffer = elsewhere.Join("mallory").Offer!;
        mallory.Take(
            otherOffer with
            {
                Sdp = otherOffer.Sdp.Replace(new OfferReader(otherOffer.Sdp).Ufrag, bob.Said!.Ufrag),
            }
        );
        world.Run(2);
        mallory.ChecksAnswered.ShouldBe(0);
        world.Core.AddressOf(world.Control.Find(bob.SessionId)!.Peer).ShouldBe(bob.Path);
    }

    [Fact]
    public void Where_nothing_comes_from_for_thirty_seconds_nothing_is_sent_any_more()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var peer = world.Control.Find(bob.SessionId)!.Peer;
        var path = bob.Path;
        bob.IsSilenced = true; // and the call does not close the session
        world.Run(28);
        world.Core.AddressOf(peer).ShouldBe(path);
        world.Run(4);
        world.Core.AddressOf(peer).ShouldBeNull();
        var sent = world.SentTo(path);
        world.Run(10);
        world.SentTo(path).ShouldBe(sent);
        alice.Heard.ShouldNotBeEmpty();

        // Coming back is as coming for the first time: any valid check will do.
        bob.IsSilenced = false;
        bob.Move(nominate: false);
        world.Run(0.1);
        world.Core.AddressOf(peer).ShouldBe(bob.Path);
    }

    [Fact]
    public void Packets_from_a_spare_pair_are_no_consent_to_send_to_the_other()
    {
        using var world = new MediaWorld();
        world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var peer = world.Control.Find(bob.SessionId)!.Peer;
        var path = bob.Path;
        bob.NominatesAgain = false;
        bob.Move(nominate: false);
        world.Run(25);
        world.Core.AddressOf(peer).ShouldBe(path);
        world.Run(10); // its talk and its checks from the new address went on all the time
        world.Core.AddressOf(peer).ShouldBe(bob.Path);
    }

    [Fact]
    public void Talk_is_consent_enough_for_a_client_that_checks_no_more()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        bob.ChecksNoMore = true;
        var before = bob.From("alice").Count;
        world.Run(60);
        bob.From("alice").Count.ShouldBeGreaterThan(before + 2_950);
        alice.From("bob").Count.ShouldBeGreaterThan(2_950);
    }

    [Fact]
    public void Silence_is_told_once_after_five_seconds_and_so_is_the_return()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Run(2);
        alice.IsSilenced = true;
        world.Run(4.9);
        world.Log.ShouldBe(["s-alice connected"]);
        world.Run(0.2);
        world.Log.ShouldBe(["s-alice connected", "s-alice silent"]);
        world.Run(60);
        world.Log.Count.ShouldBe(2);

        alice.IsSilenced = false;
        alice.Check(nominate: true, again: false);
        world.Run(0.1);
        world.Log.ShouldBe(["s-alice connected", "s-alice silent", "s-alice connected"]);
    }

    [Fact]
    public void Checks_alone_keep_a_session_that_has_nothing_to_say()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Talks = false;
        world.Run(60);
        world.Log.ShouldBe(["s-alice connected"]);
    }

    [Fact]
    public void A_clients_goodbye_is_silence_at_once()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        bob.SayGoodbye();
        bob.Talks = false;
        world.Run(0.1);
        world.Log.Last().ShouldBe("s-bob silent");
        bob.Heard.Clear();
        world.Run(10);
        bob.Heard.ShouldBeEmpty();
        world.Log.Count(entry => entry.Contains("bob")).ShouldBe(2);
        alice.Offers.ShouldBe(2); // whether bob is gone for good is for the call to say
    }

    [Fact]
    public void A_check_from_one_who_wants_to_be_controlled_is_told_otherwise()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Controls = false;
        world.Run(1);
        alice.ChecksAnswered.ShouldBe(0);
        alice.Refusals.ShouldAllBe(code => code == 487);
        alice.Refusals.ShouldNotBeEmpty();
        world.Log.ShouldBeEmpty();
    }

    [Fact]
    public void Many_verified_addresses_push_out_the_oldest_but_never_the_one_in_use()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(1);
        var first = bob.Path;
        for (var i = 0; i < 30; i++)
        {
            bob.Move(nominate: false);
            world.Run(0.05);
        }
        world.Core.AddressOf(world.Control.Find(bob.SessionId)!.Peer).ShouldBe(first);
        alice.From("bob").Count.ShouldBeGreaterThan(100);
    }
}
