using Calls.Media.Dtls;
using Calls.Media.Srtp;

namespace Calls.Media.Tests.Dtls;

public sealed class DtlsHandshakeTests : IDisposable
{
    private readonly DtlsIdentity _alice = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly DtlsIdentity _server = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public void Dispose()
    {
        _alice.Dispose();
        _server.Dispose();
    }

    [Fact]
    public void Both_sides_end_up_with_the_same_keys_and_know_each_other()
    {
        using var line = new DtlsLine(_alice, _server);
        line.Run(TimeSpan.FromSeconds(1));

        line.Client.Phase.ShouldBe(DtlsPhase.Done);
        line.Server.Phase.ShouldBe(DtlsPhase.Done);
        line.Client.Secrets!.Profile.ShouldBe(SrtpProfile.AeadAes128Gcm);
        line.Client.Secrets.SrtpKeys.ShouldBe(line.Server.Secrets!.SrtpKeys);
        line.Client.Secrets.SrtpKeys.Length.ShouldBe(56);
        line.Server.Secrets.Peer.ShouldBe(_alice.Fingerprint);
        line.Client.Secrets.Peer.ShouldBe(_server.Fingerprint);
    }

    [Fact]
    public void No_datagram_is_longer_than_the_mtu()
    {
        using var line = new DtlsLine(_alice, _server);
        line.Run(TimeSpan.FromSeconds(1));
        line.LargestDatagram.ShouldBeInRange(200, DtlsHandshake.Mtu);
    }

    [Fact]
    public void Every_single_lost_datagram_is_made_up_for()
    {
        for (var lost = 0; lost < 8; lost++)
        {
            using var line = new DtlsLine(_alice, _server) { Loses = n => n == lost };
            line.Run(TimeSpan.FromSeconds(10));
            line.Client.Phase.ShouldBe(DtlsPhase.Done, $"with datagram {lost} lost");
            line.Server.Phase.ShouldBe(DtlsPhase.Done, $"with datagram {lost} lost");
        }
    }

    [Fact]
    public void A_line_that_loses_every_third_datagram_at_random_still_gets_there()
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var chance = new Random(seed);
            using var line = new DtlsLine(_alice, _server)
            {
                Loses = _ => chance.Next(3) == 0,
                FreesServerWhenDone = true,
            };
            line.Run(TimeSpan.FromSeconds(60));
            line.Client.Phase.ShouldBe(DtlsPhase.Done, $"with seed {seed}");
        }
    }

    [Fact]
    public void A_repeated_finished_is_answered_when_OpenSSL_is_long_gone()
    {
        // The server's last flight is the client's reason to say Finished again.
        using var line = new DtlsLine(_alice, _server) { FreesServerWhenDone = true };
        line.Loses = _ => line.Server.Phase == DtlsPhase.Done && line.Now < TimeSpan.FromMilliseconds(300);
        line.Run(TimeSpan.FromSeconds(5));
        line.Client.Phase.ShouldBe(DtlsPhase.Done);
    }

    [Fact]
    public void Fragments_of_any_size_are_put_together()
    {
        using var line = new DtlsLine(_alice, _server) { ClientMtu = 250 };
        line.Run(TimeSpan.FromSeconds(1));
        line.Server.Phase.ShouldBe(DtlsPhase.Done);
    }

    [Fact]
    public void Garbage_in_between_changes_nothing()
    {
        var chance = new Random(7);
        var garbage = new byte[300];
        using var line = new DtlsLine(_alice, _server);
        line.BeforeEach = () =>
        {
            chance.NextBytes(garbage);
            garbage[0] = (byte)chance.Next(20, 64);
            line.Server.Handle(garbage.AsSpan(0, chance.Next(300)), line.Now);
        };
        line.Run(TimeSpan.FromSeconds(5));
        line.Server.Phase.ShouldBe(DtlsPhase.Done);
    }

    [Fact]
    public void The_goodbye_of_the_client_is_known_without_OpenSSL_and_only_the_true_one()
    {
        using var line = new DtlsLine(_alice, _server);
        line.Run(TimeSpan.FromSeconds(1));
        var alerts = line.Server.Secrets!.PeerAlerts;
        line.Server.Release();

        line.Client.Close();
        line.Client.TryTake(out var goodbye).ShouldBeTrue();
        alerts.SaysGoodbye(goodbye).ShouldBeTrue();

        for (var i = 0; i < goodbye.Length; i++)
        {
            var forged = goodbye.ToArray();
            forged[i] ^= 1;
            alerts.SaysGoodbye(forged).ShouldBeFalse($"with byte {i} changed");
        }
        alerts.SaysGoodbye(goodbye.AsSpan(1)).ShouldBeFalse();
    }

    [Fact]
    public void A_peer_that_is_silent_is_asked_again_ever_more_slowly()
    {
        using var client = new DtlsHandshake(_alice, DtlsRole.Client, TimeSpan.Zero);
        var asked = new List<double>();
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(2); now = client.NextDeadline!.Value)
        {
            client.Advance(now);
            client.TryTake(out _).ShouldBeTrue();
            while (client.TryTake(out _)) { }
            asked.Add(now.TotalMilliseconds);
        }
        asked.ShouldBe([0, 60, 180, 420, 900, 1860]);
    }
}
