using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Sfu;
using Calls.Media.Stun;

namespace Calls.Media.Tests.Sfu;

/// <summary>Handshakes in a whole server: who gets one, with which certificate, and through what losses.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public void Thirty_percent_loss_each_way_delays_a_call_and_does_not_prevent_it()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            using var world = new MediaWorld(seed);
            world.Network.Loss = 0.3;
            world.Network.Jitter = TimeSpan.FromMilliseconds(20);
            var alice = world.Join("alice");
            var bob = world.Join("bob");
            world.Run(30);
            (alice.IsConnected, bob.IsConnected).ShouldBe((true, true), $"seed {seed}");
            alice.From("bob").Count.ShouldBeGreaterThan(300, $"seed {seed}");
            bob.From("alice").Count.ShouldBeGreaterThan(300, $"seed {seed}");
            world.FailedHandshakes.ShouldBeEmpty($"seed {seed}");
            world.Handshakes.Running.ShouldBe(0);
        }
    }

    [Fact]
    public void Sessions_keep_the_certificate_of_their_offer_when_a_new_one_comes()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Run(1);
        var old = alice.Said!.Fingerprint;

        // Offered before, and shaking hands after: bob's client is late.
        var bob = world.Join("bob");
        using var first = world.Renew();
        var carol = world.Join("carol");
        using var second = world.Renew();
        var dave = world.Join("dave");
        world.Run(3);

        bob.Said!.Fingerprint.ShouldBe(old);
        carol.Said!.Fingerprint.ShouldBe(first.Fingerprint.ToString());
        dave.Said!.Fingerprint.ShouldBe(second.Fingerprint.ToString());
        alice.Said!.Fingerprint.ShouldBe(old); // in its later offers too
        alice.Offers.ShouldBeGreaterThan(1);
        TestClient[] all = [alice, bob, carol, dave];
        foreach (var client in all)
        {
            foreach (var other in all.Where(other => other != client))
            {
                client.From(other.User).Count.ShouldBeGreaterThan(50);
            }
        }
    }

    [Fact]
    public void A_flood_of_hellos_and_checks_by_strangers_costs_no_memory()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        world.Run(1);
        using var dtls = new DtlsHandshake(alice.Identity, DtlsRole.Client, TimeSpan.Zero);
        dtls.TryTake(out var hello).ShouldBeTrue();
        var unknown = Check("AAAAAAAA");
        var forged = Check(alice.Said!.Ufrag);
        var now = world.Network.Now;
        var sent = world.SentDatagrams;
        Flood(100); // compiled by then

        var before = GC.GetAllocatedBytesForCurrentThread();
        Flood(10_000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        world.Core.Events.ShouldBeEmpty();
        world.Handshakes.Running.ShouldBe(0);
        world.SentDatagrams.ShouldBe(sent); // not even an answer

        void Flood(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var from = VirtualNetwork.Path(1_000 + i, 9);
                world.Core.Handle(hello, from, now);
                world.Core.Handle(unknown, from, now);
                world.Core.Handle(forged, from, now);
            }
        }
    }

    [Fact]
    public void Only_a_session_that_is_open_and_has_not_shaken_hands_begins_a_handshake()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        using var dtls = new DtlsHandshake(alice.Identity, DtlsRole.Client, TimeSpan.Zero);
        dtls.TryTake(out var hello).ShouldBeTrue();

        world.Handshakes.Handle(new PeerId(77), alice.Path, hello, world.Network.Now); // there is no such session
        world.Handshakes.Running.ShouldBe(0);

        world.Run(2);
        alice.IsConnected.ShouldBeTrue();
        var peer = world.Control.Find(alice.SessionId)!.Peer;
        world.Handshakes.Handle(peer, alice.Path, hello, world.Network.Now); // late, on its way all the time
        world.Handshakes.Running.ShouldBe(0);

        var bob = world.Join("bob");
        var his = world.Control.Find(bob.SessionId)!.Peer;
        world.Close(bob);
        world.Handshakes.Handle(his, bob.Path, hello, world.Network.Now); // closed while it was on its way
        world.Handshakes.Running.ShouldBe(0);
    }

    [Fact]
    public void What_is_no_hello_begins_no_handshake()
    {
        using var world = new MediaWorld();
        var alice = world.Join("alice");
        var peer = world.Control.Find(alice.SessionId)!.Peer;
        using var dtls = new DtlsHandshake(alice.Identity, DtlsRole.Client, TimeSpan.Zero);
        dtls.TryTake(out var hello).ShouldBeTrue();
        foreach (var (at, value) in ((int, byte)[])[(0, 20), (0, 21), (4, 1), (13, 2), (13, 20)])
        {
            var other = hello.ToArray();
            other[at] = value;
            world.Handshakes.Handle(peer, alice.Path, other, world.Network.Now);
            world.Handshakes.Running.ShouldBe(0);
        }
        world.Handshakes.Handle(peer, alice.Path, hello.AsSpan(0, 13), world.Network.Now);
        world.Handshakes.Running.ShouldBe(0);
        world.Handshakes.Handle(peer, alice.Path, hello, world.Network.Now);
        world.Handshakes.Running.ShouldBe(1);
    }

    private static byte[] Check(string ufrag)
    {
        var buffer = new byte[StunMessage.MaxLength];
        var check = new StunCheck($"{ufrag}:abcd", 1, IsControlling: true, 1, UseCandidate: true);
        var key = new StunKey(new string('x', IceCredentials.PasswordLength));
        return buffer[..StunWriter.WriteCheck(buffer, new byte[StunMessage.TransactionIdLength], check, key)];
    }
}
