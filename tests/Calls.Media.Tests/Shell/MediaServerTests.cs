using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Calls.Media.Tests.Shell;

public sealed class MediaServerTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Two_clients_on_real_sockets_hear_each_other(string address)
    {
        var ip = IPAddress.Parse(address);
        await using var call = new LiveCall(ip);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");

        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
        call.RunUntil(() => call.Events.Count >= 2); // they come on a thread of their own
        call.Events.ShouldBe(["connected s-alice", "connected s-bob"], ignoreOrder: true);
        call.Server.Stats("s-alice")!.ReceivedPackets.ShouldBeGreaterThan(0);
        call.Server.Totals.SentDatagrams.ShouldBeGreaterThan(0);
        call.Server.SessionCount.ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_comes_from_the_very_address_that_was_spoken_to()
    {
        // Linux has all of 127/8 on its loopback; the route back from 127.0.0.5 would choose 127.0.0.1 by itself.
        await using var call = new LiveCall(IPAddress.Parse("127.0.0.5"));
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob"));
    }

    [Fact]
    public async Task An_IPv4_client_reaches_a_server_of_both_families()
    {
        await using var call = new LiveCall(IPAddress.Parse("127.0.0.5"), IPAddress.IPv6Loopback);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
    }

    [Theory]
    [InlineData("127.0.0.5", "::1")]
    [InlineData("::1", "127.0.0.5")]
    public async Task Clients_of_both_families_over_UDP_and_TCP_are_in_one_call(string first, string second)
    {
        await using var call = new LiveCall(IPAddress.Parse(first), IPAddress.Parse(second));
        using var alice = call.Join("alice");
        using var bob = call.Join("bob", at: IPAddress.Parse(second));
        using var carol = call.Join("carol", overTcp: true);
        using var dave = call.Join("dave", overTcp: true, at: IPAddress.Parse(second));
        LiveClient[] all = [alice, bob, carol, dave];
        call.RunUntil(() => all.All(client => client.Heard.Count == 3));
    }

    [Fact]
    public async Task Certificates_are_renewed_and_whoever_has_an_old_one_goes_on_with_it()
    {
        var options = new MediaOptions
        {
            Port = 0,
            Addresses = [IPAddress.Loopback],
            IdentityLifetime = TimeSpan.FromTicks(1),
        };
        await using var call = new LiveCall(options);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        using var carol = call.Join("carol");
        LiveClient[] all = [alice, bob, carol];
        call.RunUntil(() => all.All(client => client.Heard.Count == 2));
        all.Select(client => client.Offered!.Fingerprint).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_certificate_is_kept_for_its_time()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
        alice.Offered!.Fingerprint.ShouldBe(bob.Offered!.Fingerprint);
    }

    [Fact]
    public async Task The_offer_says_the_announced_port_and_every_announced_address()
    {
        var options = new MediaOptions
        {
            Port = 0,
            AnnouncedPort = 40_000,
            Addresses = [IPAddress.Parse("203.0.113.5"), IPAddress.Parse("2001:db8::5"), IPAddress.Loopback],
        };
        await using var call = new LiveCall(options);
        call.Server.Open("room", "s-alice", "alice", muted: false, deafened: false);
        MediaOffer? offer = null;
        call.RunUntil(() => (offer ??= call.NextOffer()) is not null);
        var candidates = offer!
            .Sdp.Split("\r\n")
            .Where(line => line.StartsWith("a=candidate:", StringComparison.Ordinal))
            .Select(line => line.Split(' '))
            .Select(words => $"{words[2]} {words[4]} {words[5]}");
        candidates.ShouldBe([
            "udp 203.0.113.5 40000",
            "udp 2001:db8::5 40000",
            "udp 127.0.0.1 40000",
            "tcp 203.0.113.5 40000",
            "tcp 2001:db8::5 40000",
            "tcp 127.0.0.1 40000",
        ]);
    }

    [Fact]
    public async Task A_client_whose_NAT_gives_it_another_port_goes_on_when_it_nominates_from_there()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));

        for (var times = 0; times < 3; times++)
        {
            bob.Rebind();
            alice.Heard.Clear();
            bob.Heard.Clear();
            call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
        }
    }

    [Fact]
    public async Task A_check_that_does_not_nominate_draws_no_media_to_another_port()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));

        bob.Nominates = false;
        bob.Rebind();
        alice.Heard.Clear();
        call.RunUntil(() => alice.Heard.Contains("bob")); // its check was taken: what it says is heard
        bob.Heard.Clear();
        var sent = call.Server.Stats("s-alice")!.ReceivedPackets;
        call.RunUntil(() => call.Server.Stats("s-alice")!.ReceivedPackets > sent + 200);
        bob.Heard.ShouldBeEmpty();

        bob.Nominates = true;
        call.RunUntil(() => bob.Heard.Contains("alice"));
    }

    [Fact]
    public async Task Garbage_on_the_port_disturbs_nobody()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        using var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));

        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Connect(IPAddress.Loopback, call.Server.Port);
        var chance = new Random(6);
        var buffer = new byte[9_000];
        for (var i = 0; i < 20_000; i++)
        {
            chance.NextBytes(buffer);
            var datagram = buffer.AsSpan(0, i % 100 == 0 ? chance.Next(9_000) : chance.Next(200));
            if (i % 3 == 0)
            {
                alice.SendRaw(datagram);
            }
            else
            {
                stranger.Send(datagram);
            }
        }
        alice.Heard.Clear();
        bob.Heard.Clear();
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
        call.Notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_that_has_vanished_is_no_trouble_to_the_others()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        using var carol = call.Join("carol");
        var bob = call.Join("bob");
        call.RunUntil(() => alice.Heard.Contains("bob") && bob.Heard.Contains("alice"));
        call.Leave(bob); // its port now answers with ICMP errors
        alice.Heard.Clear();
        call.RunUntil(() => alice.Heard.Contains("carol"));
        call.Notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var first = new LiveCall(IPAddress.Loopback);
        var options = new MediaOptions { Port = first.Server.Port };
        var taken = Should.Throw<MediaPortInUseException>(() => MediaServer.Start(options, first, TimeProvider.System));
        taken.Port.ShouldBe(first.Server.Port);
        taken.Message.ShouldContain($"{first.Server.Port}");
    }

    [Fact]
    public async Task A_port_is_free_again_when_its_server_is_gone()
    {
        int port;
        await using (var first = new LiveCall(IPAddress.Loopback))
        {
            port = first.Server.Port;
        }
        await using var second = MediaServer.Start(
            new MediaOptions { Port = port },
            new LiveCall.Deaf(),
            TimeProvider.System
        );
        second.Port.ShouldBe(port);
    }

    [Fact]
    public async Task A_server_that_has_stopped_takes_everything_and_does_nothing()
    {
        var call = new LiveCall(IPAddress.Loopback);
        using var alice = call.Join("alice");
        await call.DisposeAsync();
        await call.DisposeAsync();
        call.Server.Open("room", "s-bob", "bob", muted: false, deafened: false);
        call.Server.SetVoice("s-alice", muted: true, deafened: true);
        call.Server.Close("s-alice");
        call.Server.Answer("s-alice", 1, "v=0").Outcome.ShouldBe(AnswerOutcome.Stale);
        call.Server.SessionCount.ShouldBe(1);
    }

    [Fact]
    public void Bad_options_and_ids_are_refused()
    {
        var events = new LiveCall.Deaf();
        Should.Throw<ArgumentException>(() =>
            MediaServer.Start(new MediaOptions { Port = 70_000 }, events, TimeProvider.System)
        );
        Should.Throw<ArgumentException>(() =>
            MediaServer.Start(new MediaOptions { Addresses = [] }, events, TimeProvider.System)
        );
        Should.Throw<ArgumentException>(() =>
            MediaServer.Start(new MediaOptions { Addresses = [IPAddress.Any] }, events, TimeProvider.System)
        );
        Should.Throw<ArgumentException>(() =>
            MediaServer.Start(
                new MediaOptions { Addresses = [IPAddress.Parse("fe80::1%1")] },
                events,
                TimeProvider.System
            )
        );
    }

    [Fact]
    public async Task Ids_cannot_smuggle_lines_into_an_offer()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        foreach (var bad in new[] { "", "a b", "a\r\nb", "ä", new string('a', 65) })
        {
            Should.Throw<ArgumentException>(() => call.Server.Open("room", "s", bad, false, false));
            Should.Throw<ArgumentException>(() => call.Server.Open("room", bad, "u", false, false));
            Should.Throw<ArgumentException>(() => call.Server.Open(bad, "s", "u", false, false));
        }
        call.Server.SessionCount.ShouldBe(0);
    }

    [Fact]
    public async Task Any_thread_may_call_at_any_time()
    {
        await using var call = new LiveCall(IPAddress.Loopback);
        var threads = Enumerable
            .Range(0, 4)
            .Select(number =>
                Task.Run(() =>
                {
                    var chance = new Random(number);
                    for (var i = 0; i < 500; i++)
                    {
                        var session = $"s{chance.Next(20)}";
                        switch (chance.Next(5))
                        {
                            case 0:
                                call.Server.Close(session);
                                break;
                            case 1:
                                call.Server.SetVoice(session, i % 2 == 0, i % 3 == 0);
                                break;
                            case 2:
                                call.Server.Stats(session);
                                break;
                            case 3:
                                call.Server.Answer(session, 1, "v=0").Outcome.ShouldNotBe(AnswerOutcome.Accepted);
                                break;
                            default:
                                call.Server.Open($"room{session[1] % 3}", session, $"u{session}", false, false);
                                break;
                        }
                    }
                })
            );
        await Task.WhenAll(threads);
        for (var i = 0; i < 20; i++)
        {
            call.Server.Close($"s{i}");
        }
        (call.Server.SessionCount, call.Server.RoomCount).ShouldBe((0, 0));
        call.Notices.ShouldBeEmpty();
    }
}
