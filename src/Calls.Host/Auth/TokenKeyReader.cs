using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Calls.Host.Auth;

/// <summary>Reads what stands in <c>calls.auth.keys</c>: a secret, a PEM, a JWKS, or the path of a file with one of them.</summary>
public static class TokenKeyReader
{
    public const string Allowed =
        "an HS256 secret of at least 32 bytes, a public key in PEM (RSA of at least 2048 bits or P-256), a JWKS, "
        + "or file:/path of one of these";

    /// <summary>A shorter secret than the hash can be guessed from one token (RFC 7518 section 3.2).</summary>
    internal const int MinSecretBytes = 32;

    /// <summary>RFC 7518 section 3.3.</summary>
    internal const int MinRsaBits = 2048;

    /// <summary>A JWKS of a hundred keys has 100 KB; what is larger is another file.</summary>
    private const int MaxFileBytes = 1_000_000;

    private const string FilePrefix = "file:/";
    private const string PemMark = "-----BEGIN ";

    /// <summary>Reads one item of the setting; never throws.</summary>
    /// <param name="text">The item.</param>
    /// <param name="keys">At least one key.</param>
    /// <param name="problem">What is wrong; shows nothing of the key.</param>
    public static bool TryRead(string text, out IReadOnlyList<TokenKey> keys, [NotNullWhen(false)] out string? problem)
    {
        keys = [];
        if (text.StartsWith(FilePrefix, StringComparison.Ordinal) && !TryReadFile(ref text, out problem))
            return false;
        problem = null;
        var found = new List<TokenKey>();
        if (text.Contains(PemMark, StringComparison.Ordinal))
            problem = ReadPem(text, found);
        else if (text.TrimStart().StartsWith('{'))
            problem = JsonWebKeys.Read(text, found);
        else
            problem = AddSecret(Encoding.UTF8.GetBytes(text), null, found);
        keys = found;
        return problem is null;
    }

    internal static string? AddSecret(byte[] secret, string? keyId, List<TokenKey> keys)
    {
        if (secret.Length < MinSecretBytes)
            return $"the secret (not shown here) has {secret.Length} bytes; an HS256 secret has at least {MinSecretBytes}";
        keys.Add(new(TokenAlgorithms.Hs256, keyId, new SymmetricSecurityKey(secret) { KeyId = keyId }));
        return null;
    }

    internal static string? AddRsa(RSAParameters parameters, string? keyId, List<TokenKey> keys)
    {
        using var rsa = RSA.Create(parameters);
        if (rsa.KeySize < MinRsaBits)
            return $"the RSA key has {rsa.KeySize} bits; {MinRsaBits} are the least";
        // By its parameters, so that every thread's verifier has an RSA of its own.
        var key = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)) { KeyId = keyId };
        keys.Add(new(TokenAlgorithms.Rs256, keyId, key));
        return null;
    }

    internal static string? AddEc(ECParameters parameters, string? keyId, List<TokenKey> keys)
    {
        if (parameters.Curve.Oid?.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            return "the EC key is not on P-256, the curve of ES256";
        // As a JWK, so that every thread's verifier has an ECDsa of its own.
        using var checkedKey = ECDsa.Create(parameters);
        var key = new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
            Crv = JsonWebKeyECTypes.P256,
            X = Base64UrlEncoder.Encode(parameters.Q.X),
            Y = Base64UrlEncoder.Encode(parameters.Q.Y),
            Kid = keyId,
        };
        keys.Add(new(TokenAlgorithms.Es256, keyId, key));
        return null;
    }

    private static bool TryReadFile(ref string text, [NotNullWhen(false)] out string? problem)
    {
        // Both file:/path and file:///path name the same file (RFC 8089 section 2).
        var path = text["file:".Length..];
        path = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
        problem = null;
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
                problem = $"the file {path} is larger than {MaxFileBytes} bytes";
            else
                text = File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problem = $"the file {path} cannot be read: {e.Message}";
        }
        return problem is null;
    }

    private static string? ReadPem(string text, List<TokenKey> keys)
    {
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (ReadPemBlock(rest[fields.Label].ToString(), rest[fields.Location], keys) is { } problem)
                return problem;
            rest = rest[fields.Location.End..];
        }
        return keys.Count > 0 ? null : "it begins like a PEM but holds no whole block";
    }

    private static string? ReadPemBlock(string label, ReadOnlySpan<char> pem, List<TokenKey> keys)
    {
        if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
            return "it is a private key; only the public one belongs here";
        try
        {
            return label switch
            {
                "CERTIFICATE" => ReadCertificate(pem, keys),
                "RSA PUBLIC KEY" => ReadRsa(pem, keys),
                "PUBLIC KEY" => IsRsa(pem) ? ReadRsa(pem, keys) : ReadEc(pem, keys),
                _ => $"a PEM block \"{label}\" is not allowed; PUBLIC KEY, RSA PUBLIC KEY and CERTIFICATE are",
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return $"its PEM block \"{label}\" holds neither an RSA key nor one on P-256";
        }
    }

    private static bool IsRsa(ReadOnlySpan<char> pem)
    {
        var fields = PemEncoding.Find(pem);
        var spki = Convert.FromBase64String(pem[fields.Base64Data].ToString());
        return PublicKey.CreateFromSubjectPublicKeyInfo(spki, out _).Oid.Value == "1.2.840.113549.1.1.1";
    }

    private static string? ReadRsa(ReadOnlySpan<char> pem, List<TokenKey> keys)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return AddRsa(rsa.ExportParameters(includePrivateParameters: false), null, keys);
    }

    private static string? ReadEc(ReadOnlySpan<char> pem, List<TokenKey> keys)
    {
        using var ec = ECDsa.Create();
        ec.ImportFromPem(pem);
        return AddEc(ec.ExportParameters(includePrivateParameters: false), null, keys);
    }

    private static string? ReadCertificate(ReadOnlySpan<char> pem, List<TokenKey> keys)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
            return AddRsa(rsa.ExportParameters(includePrivateParameters: false), null, keys);
        using var ec = certificate.GetECDsaPublicKey();
        return ec is null
            ? "the certificate's key is neither RSA nor EC"
            : AddEc(ec.ExportParameters(includePrivateParameters: false), null, keys);
    }
}
