using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Calls.Media.Dtls;

namespace Calls.Media.Tests.Dtls;

/// <summary>Clients whose OpenSSL is set otherwise than ours: older ones, and such as have other certificates and curves.</summary>
internal static unsafe class OtherClients
{
    private const int Dtls10 = 0xFEFF;
    private const int KeyTypeRsa = 6; // EVP_PKEY_RSA

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    /// <summary>Speaks nothing newer than DTLS 1.0, with all that OpenSSL forbids by default.</summary>
    public static DtlsIdentity Dtls10Only()
    {
        var identity = new DtlsIdentity(Now);
        Take(OpenSsl.SSL_CTX_set_cipher_list(Context(identity), "ALL:@SECLEVEL=0"));
        Set(identity, OpenSsl.SetMinVersion, Dtls10);
        Set(identity, OpenSsl.SetMaxVersion, Dtls10);
        return identity;
    }

    /// <summary>Offers these suites only, in OpenSSL's names.</summary>
    public static DtlsIdentity WithSuites(string suites)
    {
        var identity = new DtlsIdentity(Now);
        Take(OpenSsl.SSL_CTX_set_cipher_list(Context(identity), suites));
        return identity;
    }

    /// <summary>Knows these curves only, in OpenSSL's names.</summary>
    public static DtlsIdentity WithCurves(string curves)
    {
        var identity = new DtlsIdentity(Now);
        var name = System.Text.Encoding.ASCII.GetBytes($"{curves}\0");
        fixed (byte* text = name)
        {
            Take((int)OpenSsl.SSL_CTX_ctrl(Context(identity), OpenSsl.SetGroupsList, 0, (nint)text));
        }
        return identity;
    }

    /// <summary>Shows an RSA certificate, as clients do that were asked to by <c>generateCertificate</c>.</summary>
    public static (DtlsIdentity Identity, DtlsFingerprint Fingerprint) WithRsaCertificate()
    {
        var identity = new DtlsIdentity(Now);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddYears(1));
        var (shown, secret) = (certificate.RawData, key.ExportRSAPrivateKey());
        fixed (
            byte* der = shown,
                pkcs = secret
        )
        {
            Take(OpenSsl.SSL_CTX_use_certificate_ASN1(Context(identity), shown.Length, der));
            Take(OpenSsl.SSL_CTX_use_PrivateKey_ASN1(KeyTypeRsa, Context(identity), pkcs, secret.Length));
        }
        return (identity, DtlsFingerprint.Of(shown));
    }

    private static void Set(DtlsIdentity identity, int command, int value) =>
        Take((int)OpenSsl.SSL_CTX_ctrl(Context(identity), command, value, 0));

    private static nint Context(DtlsIdentity identity) => identity.Context.DangerousGetHandle();

    private static void Take(int result) => result.ShouldBe(1, "OpenSSL refused a setting");
}
