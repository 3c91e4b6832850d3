using System.Security.Cryptography;
using Calls.Media.Dtls;

namespace Calls.Caller.Media;

/// <summary>Makes the certificate of a caller, with the SRTP profiles that it is to offer.</summary>
internal static class CallerIdentity
{
    public static DtlsIdentity Create(CallerOptions options)
    {
        var identity = new DtlsIdentity(options.Clock.GetUtcNow());
        var names = string.Join(':', options.Profiles.Select(profile => profile.Name));

        // Unlike nearly everything in OpenSSL, this says 0 when it went well.
        if (OpenSsl.SSL_CTX_set_tlsext_use_srtp(identity.Context.DangerousGetHandle(), names) != 0)
        {
            throw new CryptographicException($"OpenSSL does not know the SRTP profiles {names}.");
        }

        return identity;
    }
}
