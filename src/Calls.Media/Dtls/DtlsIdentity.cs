using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Calls.Media.Srtp;

namespace Calls.Media.Dtls;

/// <summary>A self-signed ECDSA P-256 certificate and its key, set up for DTLS 1.2 with SRTP (RFC 5764). One serves any number of handshakes, in either role and on any thread.</summary>
/// <remarks>The certificate's names and dates mean nothing: the other side knows it by its fingerprint, which came over the signalling (RFC 8827 section 6.5).</remarks>
public sealed unsafe class DtlsIdentity : IDisposable
{
    // The one suite that every WebRTC endpoint has to have (RFC 8827 section 6.5). Being the only one, its record
    // protection is known beforehand, which is what lets DtlsAlertReader do without OpenSSL.
    private const string CipherSuite = "ECDHE-ECDSA-AES128-GCM-SHA256";

    private readonly SslContextHandle _context;

    /// <summary>Makes a fresh certificate.</summary>
    /// <param name="now">The wall clock, for the certificate's dates.</param>
    /// <param name="profiles">What to protect media with, in the order of preference; all that there are if not given, the cheapest first. Browsers have them all, older libraries the last alone.</param>
    public DtlsIdentity(DateTimeOffset now, IReadOnlyList<SrtpProfile>? profiles = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=calls", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        var der = certificate.RawData;
        Fingerprint = DtlsFingerprint.Of(der);
        _context = NewContext(der, key.ExportECPrivateKey(), string.Join(':', profiles ?? SrtpProfile.Preferred));
    }

    /// <summary>What the SDP tells of the certificate.</summary>
    public DtlsFingerprint Fingerprint { get; }

    internal SslContextHandle Context => _context;

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private static SslContextHandle NewContext(byte[] certificate, byte[] key, string profiles)
    {
        var context = OpenSsl.SSL_CTX_new(OpenSsl.DTLS_method());
        Require(context != 0);
        var handle = new SslContextHandle(context);
        Require(OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SetMinVersion, OpenSsl.Dtls12, 0) == 1);
        Require(OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SetMaxVersion, OpenSsl.Dtls12, 0) == 1);
        OpenSsl.SSL_CTX_set_options(
            context,
            OpenSsl.OptionNoQueryMtu | OpenSsl.OptionNoTicket | OpenSsl.OptionNoRenegotiation
        );
        OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SetSessionCacheMode, 0, 0);
        Require(OpenSsl.SSL_CTX_set_cipher_list(context, CipherSuite) == 1);
        Require(OpenSsl.SSL_CTX_set_tlsext_use_srtp(context, profiles) == 0);
        fixed (byte* der = certificate)
        {
            Require(OpenSsl.SSL_CTX_use_certificate_ASN1(context, certificate.Length, der) == 1);
        }
        fixed (byte* der = key)
        {
            Require(OpenSsl.SSL_CTX_use_PrivateKey_ASN1(OpenSsl.KeyTypeEc, context, der, key.Length) == 1);
        }
        CryptographicOperations.ZeroMemory(key);
        OpenSsl.SSL_CTX_set_verify(
            context,
            OpenSsl.VerifyPeer | OpenSsl.VerifyFailIfNoPeerCertificate,
            &AcceptAnyChain
        );
        return handle;
    }

    // Everybody's certificate is self-signed; who it is says the fingerprint, compared by DtlsHandshake's owner.
    [UnmanagedCallersOnly]
    private static int AcceptAnyChain(int preverified, nint store) => 1;

    private static void Require(bool done)
    {
        if (!done)
        {
            throw new CryptographicException($"OpenSSL would not set up DTLS: {OpenSsl.TakeError()}");
        }
    }
}

/// <summary>An <c>SSL_CTX</c>; each <c>SSL</c> made from it holds a reference of its own.</summary>
internal sealed class SslContextHandle(nint context) : SafeHandle(context, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.SSL_CTX_free(handle);
        return true;
    }
}
