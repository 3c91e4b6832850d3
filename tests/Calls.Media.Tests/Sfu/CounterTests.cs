using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

/// <summary>What the data plane and the handshakes count for the operator.</summary>
public sealed class CounterTests
{
    [Fact]
    public void What_is_received_and_forwarded_is_counted_over_all_sessions()
    {
        using var world = new MediaWorld();
        var all = Enumerable.Range(1, 3).Select(i => world.Join($"user-{i}")).ToList();
        world.Run(3);
        var counters = world.Core.Counters;
        counters.Received.ShouldBe(all.Sum(one => world.Stats(one).ReceivedPackets));
        counters.Forwarded.ShouldBe(all.Sum(one => world.Stats(one).SentPackets));
        counters.Forwarded.ShouldBeGreaterThan(3 * 2 * 100);
        counters.FromUnknown.ShouldBe(0);
        counters.Unexpected.ShouldBe(0);

        var before = counters.Forwarded;
        world.SetVoice(all[0], muted: true);
        world.SetVoice(all[1], muted: true);
        world.SetVoice(all[2], muted: true);
        world.Run(0.1); // until what was under way has come
        before = counters.Forwarded;
        world.Run(1);
        counters.Forwarded.ShouldBe(before, "what a muted one sends is received and not forwarded");
    }

    [Fact]
    public void What_goes_no_further_is_counted_by_what_is_wrong_with_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Run(1);
        var counters = world.Core.Counters;
        var unauthentic = counters.Unauthentic;
        byte[] forged = [0x80, 111, .. new byte[100]];

        world.Arrive(forged.ToArray(), VirtualNetwork.Path(99, 99), world.Network.Now);
        world.Arrive(new byte[9_000], alice.Path, world.Network.Now);
        counters.FromUnknown.ShouldBe(2);
        world.Arrive(forged.ToArray(), alice.Path, world.Network.Now);
        counters.Unauthentic.ShouldBe(unauthentic + 1);
    }

    [Fact]
    public void A_handshakes_time_runs_from_the_clients_first_message()
    {
        using var world = new MediaWorld();
        world.Join("alice");
        world.Run(2);
        var took = world.HandshakeTimes.ShouldHaveSingleItem();
        took.ShouldBeGreaterThan(TimeSpan.Zero, "there is a network in between");
        took.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_handshake_that_waited_for_its_answer_took_no_longer_for_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Answers = false;
        world.Run(1);
        var bob = world.Join("bob");
        bob.Answers = false;
        world.Run(5);
        bob.Answers = true;
        bob.Answer();
        world.Run(1);
        world.HandshakeTimes.ShouldAllBe(took => took < TimeSpan.FromSeconds(2));
        world.HandshakeTimes.ShouldNotBeEmpty();
    }

    [Fact]
    public void Failed_handshakes_tell_the_kind_of_fault()
    {
        using var world = new MediaWorld();
        var mallory = world.Join("mallory");
        mallory.Edit = sdp =>
            sdp.Replace(mallory.Identity.Fingerprint.ToString(), string.Join(':', Enumerable.Repeat("AB", 32)));
        world.Run(3);
        world.Failures.ShouldNotBeEmpty();
        world.Failures.ShouldAllBe(failed => failed.Fault == HandshakeFault.Certificate);

        using var other = new MediaWorld();
        var alice = other.Join("alice");
        alice.Stalls = true;
        other.Run(2);
        alice.IsSilenced = true;
        other.Run(40);
        var timeout = other.Failures.ShouldHaveSingleItem();
        timeout.Fault.ShouldBe(HandshakeFault.Timeout);
        timeout.Took.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Hellos_beyond_the_limit_are_counted()
    {
        using var world = new MediaWorld();
        for (var i = 0; i < MediaWorld.MaxHandshakes + 5; i++)
        {
            world.Join("user", room: $"room-{i}", session: $"s-{i}").Stalls = true;
        }
        world.Run(2);
        world.Handshakes.TurnedAway.ShouldBeGreaterThanOrEqualTo(5);
    }
}
