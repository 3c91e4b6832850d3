using System.Diagnostics;
using Calls.Media.Dtls;
using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

public sealed class HostilePeopleTests
{
    [Fact]
    public void A_million_datagrams_of_garbage_disturb_nobody()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(1);
        var chance = new Random(3);
        var buffer = new byte[2_400];
        var paths = new[] { alice.Path, bob.Path, VirtualNetwork.Path(250, 1), default };
        var before = alice.From("bob").Count;

        for (var second = 0; second < 5; second++)
        {
            for (var i = 0; i < 200_000; i++)
            {
                var size = i % 50 == 0 ? chance.Next(2_400) : chance.Next(120);
                var datagram = buffer.AsSpan(0, size);
                chance.NextBytes(datagram);
                if (size > 1 && i % 2 == 0)
                {
                    // Half of it looks like something at first sight.
                    datagram[0] = (byte)(
                        i % 8 < 2 ? 0
                        : i % 8 < 4 ? chance.Next(20, 64)
                        : chance.Next(128, 192)
                    );
                    datagram[1] = (byte)(i % 16 == 4 ? 200 : datagram[1]);
                }
                world.Core.Handle(datagram, paths[i % paths.Length], world.Network.Now);
                if (i % 1_000 == 0)
                {
                    world.Arrive([], default, world.Network.Now); // lets what came of it settle
                }
            }
            world.Run(1);
        }

        var heard = alice.From("bob");
        (heard.Count - before).ShouldBeInRange(245, 255);
        heard.Select(packet => (ushort)(packet.Sequence - packet.Number)).Distinct().Count().ShouldBe(1);
        world.Log.ShouldBe(["s-alice connected", "s-bob connected"], ignoreOrder: true);
    }

    [Fact]
    public void Who_sends_more_than_one_may_is_heard_no_more_than_that_and_nobody_else_any_less()
    {
        using var world = new MediaWorld();
        var (alice, bob, mallory) = (world.Join("alice"), world.Join("bob"), world.Join("mallory"));
        world.Run(1);
        var (before, flood) = ((Bob: alice.From("bob").Count, Mallory: alice.From("mallory").Count), 0);
        for (var frame = 0; frame < 100; frame++)
        {
            for (var n = 0; n < 39; n++, flood++)
            {
                mallory.Speak(world.Network.Now);
            }
            world.Run(0.02);
        }

        (alice.From("bob").Count - before.Bob).ShouldBeInRange(98, 102);
        var passed = alice.From("mallory").Count - before.Mallory;
        passed.ShouldBeInRange(2 * SendCeiling.PacketsPerSecond, (3 * SendCeiling.PacketsPerSecond) + 10);
        var stopped = world.Core.Counters.Excessive;
        stopped.ShouldBeInRange(flood + 90 - passed, flood + 110 - passed, "and none is lost otherwise");

        world.Run(2);
        var after = alice.From("mallory").Count;
        world.Run(1);
        (alice.From("mallory").Count - after).ShouldBeInRange(48, 52, "a flood leaves nothing behind");
    }

    [Fact]
    public void Large_packets_and_ever_new_streams_are_stopped_by_their_bytes()
    {
        using var world = new MediaWorld();
        var (alice, bob, mallory) = (world.Join("alice"), world.Join("bob"), world.Join("mallory"));
        world.Run(1);
        var before = (Bob: alice.From("bob").Count, Mallory: alice.From("mallory").Count);
        mallory.Talks = false;
        for (var n = 0; n < 300; n++)
        {
            mallory.Show(new OtherSource("0", 111, 5_000u + (uint)(n % 8), size: 1_100) { Sequence = (ushort)n }, true);
        }
        world.Run(1);

        (alice.From("bob").Count - before.Bob).ShouldBeInRange(48, 52);
        (alice.From("mallory").Count - before.Mallory).ShouldBeLessThan(SendCeiling.BytesPerSecond / 1_100);
        world.Core.Counters.Excessive.ShouldBeGreaterThan(100);
        world.Log.ShouldBe(["s-alice connected", "s-bob connected", "s-mallory connected"], ignoreOrder: true);
    }

    [Fact]
    public void Datagrams_of_a_call_with_one_bit_changed_are_worth_nothing()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        world.Run(1);
        var before = alice.From("bob").Count;
        var chance = new Random(4);
        bob.Wiretap = datagram =>
        {
            for (var i = 0; i < 50; i++)
            {
                var forged = datagram.ToArray();
                forged[chance.Next(forged.Length)] ^= (byte)(1 << chance.Next(8));
                world.Core.Handle(forged, bob.Path, world.Network.Now);
            }
            // The same once more, and from elsewhere: a replay.
            world.Core.Handle(datagram.ToArray(), VirtualNetwork.Path(200, 7), world.Network.Now);
        };
        world.Run(2);
        var heard = alice.From("bob");
        (heard.Count - before).ShouldBeInRange(98, 102);
        heard.Select(packet => packet.Number).Distinct().Count().ShouldBe(heard.Count);
        bob.From("alice").Count.ShouldBeGreaterThan(130);
    }

    [Fact]
    public void Strangers_are_not_answered_and_nothing_is_kept_of_them()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Run(1);
        var stranger = new TestClient(world, "mallory", alice.SessionId) { Talks = false };

        // Without the password: another room's offer, say.
        using var elsewhere = new MediaWorld(99);
        stranger.Take(elsewhere.Join("mallory").Offer!);
        stranger.Answers = false;
        world.Run(2);
        stranger.ChecksAnswered.ShouldBe(0);

        // DTLS without a check before it is not looked at.
        using var hello = new DtlsHandshake(stranger.Identity, DtlsRole.Client, world.Network.Now);
        hello.TryTake(out var datagram).ShouldBeTrue();
        var running = world.Handshakes.Running;
        world.Arrive(datagram, stranger.Path, world.Network.Now);
        world.Handshakes.Running.ShouldBe(running);
    }

    [Fact]
    public void A_client_with_another_certificate_than_its_answer_said_gets_no_media()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var mallory = world.Join("bob");
        mallory.Edit = sdp =>
            sdp.Replace(mallory.Identity.Fingerprint.ToString(), string.Join(':', Enumerable.Repeat("AB", 32)));
        world.Run(3);

        world.Log.ShouldBe(["s-alice connected"]);
        alice.From("bob").ShouldBeEmpty();
        mallory.Heard.ShouldBeEmpty();
        world.FailedHandshakes.ShouldAllBe(reason => reason.Contains("certificate"));
        world.FailedHandshakes.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_handshake_that_is_quicker_than_its_answer_waits_for_it()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var bob = world.Join("bob");
        bob.Answers = false;
        world.Run(2);
        bob.IsConnected.ShouldBeTrue();
        world.Log.ShouldBe(["s-alice connected"]);
        alice.From("bob").ShouldBeEmpty();

        bob.Answers = true;
        bob.Answer();
        world.Run(1);
        world.Log.ShouldBe(["s-alice connected", "s-bob connected"]);
        alice.From("bob").Count.ShouldBeGreaterThan(40);
    }

    [Fact]
    public void No_more_handshakes_go_on_at_once_than_are_allowed()
    {
        using var world = new MediaWorld();
        var clients = Enumerable
            .Range(0, MediaWorld.MaxHandshakes + 20)
            .Select(i => world.Join("user", room: $"room-{i}", session: $"s-{i}"))
            .ToList();
        // Their last flights get lost, so that handshakes stay open.
        foreach (var client in clients)
        {
            client.Stalls = true;
        }
        world.Run(2);
        world.Handshakes.Running.ShouldBe(MediaWorld.MaxHandshakes);

        clients.ForEach(client => client.Stalls = false);
        world.Run(40);
        world.Handshakes.Running.ShouldBe(0);
        clients.ShouldAllBe(client => client.IsConnected);
    }

    [Fact]
    public void A_handshake_that_never_ends_is_given_up()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Stalls = true;
        world.Run(2);
        world.Handshakes.Running.ShouldBe(1);
        alice.IsSilenced = true;
        world.Run(40);
        world.Handshakes.Running.ShouldBe(0);
        world.FailedHandshakes.ShouldBe(["it took too long"]);
    }

    [Fact]
    public void What_is_closed_in_the_middle_of_its_handshake_leaves_nothing()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        alice.Stalls = true;
        world.Run(2);
        world.Close(alice);
        world.Handshakes.Running.ShouldBe(0);
        world.Run(40);
        world.Handshakes.Running.ShouldBe(0);
        world.FailedHandshakes.ShouldBeEmpty();
    }
}
