using Calls.Media.Dtls;
using Calls.Media.Srtp;

namespace Calls.Media.Sfu;

/// <summary>What the data plane needs of a finished handshake.</summary>
internal sealed record PeerKeys(SrtpReceiver Receiver, SrtpSender Sender, DtlsAlertReader? Alerts)
{
    /// <summary>The keys as the DTLS server has them: it receives what the client protects.</summary>
    public static PeerKeys ForServer(DtlsSecrets secrets)
    {
        var (client, server) = SrtpKeys.Split(secrets.Profile, secrets.SrtpKeys);
        return new PeerKeys(new SrtpReceiver(client), new SrtpSender(server), secrets.PeerAlerts);
    }
}
