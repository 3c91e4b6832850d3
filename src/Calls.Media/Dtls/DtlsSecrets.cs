using System.Security.Cryptography;
using System.Text;
using Calls.Media.Srtp;

namespace Calls.Media.Dtls;

/// <summary>What a handshake leaves behind: keys for SRTP, who the peer is, and the key that its alerts are read with.</summary>
public sealed unsafe class DtlsSecrets
{
    private DtlsSecrets(SrtpProfile profile, byte[] srtp, DtlsFingerprint peer, DtlsAlertReader peerAlerts)
    {
        Profile = profile;
        SrtpKeys = srtp;
        Peer = peer;
        PeerAlerts = peerAlerts;
    }

    /// <summary>The protection profile that both sides have.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>Client key, server key, client salt, server salt, one after the other (RFC 5764 section 4.2).</summary>
    public byte[] SrtpKeys { get; }

    /// <summary>The peer's certificate, still to be compared with what the signalling said.</summary>
    public DtlsFingerprint Peer { get; }

    /// <summary>Knows the peer's <c>close_notify</c> when the rest of DTLS is long gone.</summary>
    public DtlsAlertReader PeerAlerts { get; }

    internal static DtlsSecrets? Export(nint ssl, DtlsRole role, out string? failure)
    {
        failure = null;
        var selected = OpenSsl.SSL_get_selected_srtp_profile(ssl);
        var profile = selected is null ? null : SrtpProfile.Find((ushort)selected->Id);
        if (profile is null)
        {
            failure = "the peer offered no SRTP protection profile that is spoken here";
            return null;
        }
        var srtp = new byte[profile.ExportLength];
        var name = Encoding.ASCII.GetBytes(SrtpProfile.ExporterLabel);
        fixed (
            byte* output = srtp,
                label = name
        )
        {
            var exported = OpenSsl.SSL_export_keying_material(
                ssl,
                output,
                (nuint)srtp.Length,
                label,
                (nuint)name.Length,
                null,
                0,
                0
            );
            if (exported != 1 || !TryPeer(ssl, out var peer))
            {
                failure = $"the keys could not be exported: {OpenSsl.TakeError()}";
                return null;
            }
            return new DtlsSecrets(profile, srtp, peer, AlertReader(ssl, role));
        }
    }

    private static bool TryPeer(nint ssl, out DtlsFingerprint peer)
    {
        peer = default;
        var certificate = OpenSsl.SSL_get1_peer_certificate(ssl);
        if (certificate == 0)
        {
            return false;
        }
        var hash = stackalloc byte[64];
        uint length;
        var digested = OpenSsl.X509_digest(certificate, OpenSsl.EVP_sha256(), hash, &length);
        OpenSsl.X509_free(certificate);
        if (digested != 1)
        {
            return false;
        }
        peer = DtlsFingerprint.FromHash(new ReadOnlySpan<byte>(hash, (int)length));
        return true;
    }

    private static DtlsAlertReader AlertReader(nint ssl, DtlsRole role)
    {
        Span<byte> master = stackalloc byte[48];
        Span<byte> randoms = stackalloc byte[64]; // the server's first: RFC 5246 section 6.3
        fixed (
            byte* m = master,
                r = randoms
        )
        {
            OpenSsl.SSL_SESSION_get_master_key(OpenSsl.SSL_get_session(ssl), m, 48);
            OpenSsl.SSL_get_server_random(ssl, r, 32);
            OpenSsl.SSL_get_client_random(ssl, r + 32, 32);
        }
        var reader = DtlsAlertReader.FromMaster(master, randoms, peerIsClient: role == DtlsRole.Server);
        CryptographicOperations.ZeroMemory(master);
        return reader;
    }
}
