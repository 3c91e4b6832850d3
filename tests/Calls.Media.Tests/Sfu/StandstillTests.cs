namespace Calls.Media.Tests.Sfu;

/// <summary>A server that stood still may have lost its rooms to another: it asks before it goes on.</summary>
public sealed class StandstillTests
{
    [Fact]
    public void Nothing_is_forwarded_until_a_room_is_released_and_other_rooms_wait_for_their_own()
    {
        using var world = new MediaWorld();
        var (alice, bob) = (world.Join("alice", "one"), world.Join("bob", "one"));
        var (carol, dave) = (world.Join("carol", "two"), world.Join("dave", "two"));
        world.Run(2);

        world.Core.Hold(world.Network.Now);
        world.Run(0.2); // what is on the way arrives
        var (heardOne, heardTwo) = (alice.From("bob").Count, carol.From("dave").Count);
        world.Run(1);

        alice.From("bob").Count.ShouldBe(heardOne);
        carol.From("dave").Count.ShouldBe(heardTwo);
        world.Core.Counters.Held.ShouldBeGreaterThan(150);
        world.Control.Release("one");
        world.Run(1);
        alice.From("bob").Count.ShouldBeGreaterThan(heardOne + 40);
        bob.From("alice").ShouldNotBeEmpty();
        carol.From("dave").Count.ShouldBe(heardTwo);
        world.Control.Release("two");
        world.Run(1);
        dave.From("carol").Count.ShouldBeGreaterThan(heardTwo + 40);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_standstill_is_nobodys_silence(bool holds)
    {
        using var world = new MediaWorld();
        world.Join("alice");
        world.Join("bob");
        world.Run(2);

        world.Network.Loss = 1;
        world.Run(3);
        if (holds)
            world.Core.Hold(world.Network.Now);
        world.Run(3);
        world.Network.Loss = 0;
        world.Run(1);

        world.Log.Count(line => line.Contains("silent", StringComparison.Ordinal)).ShouldBe(holds ? 0 : 2);
    }

    [Fact]
    public void Who_comes_after_it_is_not_held()
    {
        using var world = new MediaWorld();
        world.Core.Hold(world.Network.Now);
        var (alice, bob) = (world.Join("alice"), world.Join("bob"));
        world.Run(2);

        alice.From("bob").Count.ShouldBeGreaterThan(50);
        bob.From("alice").Count.ShouldBeGreaterThan(50);
    }
}
