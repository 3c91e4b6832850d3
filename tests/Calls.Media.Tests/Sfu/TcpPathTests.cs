using Calls.Media.Ice;
using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

/// <summary>TCP connections as the core sees them: paths with a number.</summary>
public sealed class TcpPathTests
{
    [Fact]
    public void A_connection_is_a_path_like_any_other_even_from_the_same_address_and_port()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(2);
        var udp = bob.Path;
        bob.MoveToTcp(7, nominate: true);
        bob.Path.Remote.ShouldBe(udp.Remote);
        world.Run(0.1);
        AddressOf(world, bob).ShouldBe(bob.Path);
        var before = (bob.From("alice").Count, alice.From("bob").Count);
        world.Run(2);
        bob.From("alice").Count.ShouldBeGreaterThan(before.Item1 + 90);
        alice.From("bob").Count.ShouldBeGreaterThan(before.Item2 + 90);
    }

    [Fact]
    public void When_a_connection_ends_what_went_there_goes_to_the_latest_other_path()
    {
        using var world = new MediaWorld();
        var bob = world.Join("bob");
        world.Run(1);
        var first = bob.Path;
        bob.Move(nominate: false);
        world.Run(0.1);
        var spare = bob.Path;
        bob.MoveToTcp(7, nominate: true);
        world.Run(0.1);
        AddressOf(world, bob).ShouldBe(bob.Path);

        world.Core.Lose(bob.Path);
        AddressOf(world, bob).ShouldBe(spare);
        spare.ShouldNotBe(first);
        world.Core.Serves(bob.Path).ShouldBeFalse();
    }

    [Fact]
    public void When_the_only_connection_ends_the_next_valid_check_says_where_the_client_is()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        bob.MoveToTcp(7, nominate: true); // before the first check over UDP
        world.Run(2);
        bob.From("alice").Count.ShouldBeGreaterThan(50);
        world.Core.Lose(bob.Path);
        AddressOf(world, bob).ShouldBeNull();
        world.Run(0.1);

        bob.MoveToTcp(8, nominate: false);
        world.Run(0.1);
        AddressOf(world, bob).ShouldBe(bob.Path);
        var before = bob.From("alice").Count;
        world.Run(1);
        bob.From("alice").Count.ShouldBeGreaterThan(before + 45);
    }

    [Fact]
    public void Connections_that_nobody_needs_any_more_are_told_and_none_but_those()
    {
        using var world = new MediaWorld();
        var bob = world.Join("bob");
        world.Run(1);
        const uint All = Peer.MaxAddresses + 2;
        for (uint number = 1; number <= All; number++)
        {
            bob.MoveToTcp(number, nominate: true);
            world.Run(0.1);
        }
        // The UDP path before them has gone first.
        world.ClosedConnections.ShouldBe([1u, 2u]);

        world.Close(bob);
        world.ClosedConnections.ShouldBe(Enumerable.Range(1, (int)All).Select(number => (uint)number));
    }

    private static NetworkPath? AddressOf(MediaWorld world, TestClient client) =>
        world.Core.AddressOf(world.Control.Find(client.SessionId)!.Peer);
}
