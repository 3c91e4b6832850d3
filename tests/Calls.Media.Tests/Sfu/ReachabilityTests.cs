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
