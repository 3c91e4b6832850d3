using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Rtp;
using Calls.Media.Srtp;
using Calls.Media.Stun;

namespace Calls.Media.Sfu;

/// <summary>A short call of nobody with nobody, before there are real ones: compiling the path of a packet when the first one comes would hold it up for 10 to 20 ms, and all others with it.</summary>
internal static class WarmUp
{
    private const int Packets = 200; // beyond the 30 calls after which the JIT compiles for good

    /// <summary>Goes once through everything that a call needs. Throws when the system's OpenSSL is not as it must be.</summary>
    public static void Run(DtlsIdentity identity, FillRandom random)
    {
        var secrets = Shake(identity);
        foreach (var profile in SrtpProfile.Preferred)
        {
            var exported = new byte[profile.ExportLength];
            random(exported);
            Forward(profile, exported, secrets, random);
        }
    }

    private static DtlsSecrets Shake(DtlsIdentity identity)
    {
        using var client = new DtlsHandshake(identity, DtlsRole.Client, TimeSpan.Zero);
        using var server = new DtlsHandshake(identity, DtlsRole.Server, TimeSpan.Zero);
        for (var turn = 0; turn < 4; turn++)
        {
            Pass(client, server);
            Pass(server, client);
        }
        return server.Secrets ?? throw new InvalidOperationException($"DTLS does not work here: {server.Failure}");
    }

    private static void Pass(DtlsHandshake from, DtlsHandshake to)
    {
        while (from.TryTake(out var datagram))
        {
            to.Handle(datagram, TimeSpan.Zero);
        }
    }

    private static void Forward(SrtpProfile profile, byte[] exported, DtlsSecrets secrets, FillRandom random)
    {
        var sent = 0;
        var outbox = new Outbox(outbox => sent += outbox.Count);
        var core = new ForwardingCore(TimeSpan.FromSeconds(5), DateTimeOffset.UnixEpoch, outbox, random);
        var (client, server) = SrtpKeys.Split(profile, exported);
        NetworkPath[] paths = new NetworkPath[2];
        for (var i = 0; i < 2; i++)
        {
            var id = new PeerId(i);
            paths[i] = new NetworkPath(TransportAddress.FromIpv4(1, (ushort)(i + 1)), default);
            var ice = IceCredentials.Create(random);
            core.Apply(new AddPeer(id, "", ice, Muted: false, Deafened: false, new PeerCounters()), TimeSpan.Zero);
            core.Apply(new SetUplink(id, new UplinkFormat([111], 1, 2, "0")), TimeSpan.Zero);
            core.Apply(
                new SetKeys(id, new PeerKeys(new SrtpReceiver(client), new SrtpSender(server), secrets.PeerAlerts)),
                TimeSpan.Zero
            );
            Check(core, ice, paths[i]);
        }
        core.Apply(
            new SetDownlink(new PeerId(1), new PeerId(0), new DownlinkFormat("1", 9, "x", 111, 1, 2)),
            TimeSpan.Zero
        );
        Speak(core, new SrtpSender(client), paths[0]);
        outbox.Flush();
        if (sent < Packets)
        {
            throw new InvalidOperationException($"Of {Packets} packets under {profile} only {sent} were forwarded.");
        }
    }

    private static void Check(ForwardingCore core, IceCredentials ice, NetworkPath path)
    {
        var buffer = new byte[StunMessage.MaxLength];
        var check = new StunCheck($"{ice.Ufrag}:warm", 1, IsControlling: true, 1, UseCandidate: true);
        var length = StunWriter.WriteCheck(buffer, new byte[StunMessage.TransactionIdLength], check, ice.Key);
        core.Handle(buffer.AsSpan(0, length), path, TimeSpan.Zero);
    }

    private static void Speak(ForwardingCore core, SrtpSender sender, NetworkPath path)
    {
        var buffer = new byte[256];
        var stream = default(SrtpStream);
        for (ushort i = 1; i <= Packets; i++)
        {
            var now = TimeSpan.FromMilliseconds(20 * i);
            var header = new RtpHeaderWriter(buffer, 111, marker: false, i, 960u * i, 5);
            header.AddExtension(1, [40]);
            var length = sender.Protect(ref stream, buffer, header.Finish() + 80);
            core.Handle(buffer.AsSpan(0, length), path, now);
            core.Advance(now);
        }
    }
}
