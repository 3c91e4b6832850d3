using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Calls.Host.Auth;
using FsCheck;
using FsCheck.Fluent;
using static Calls.Host.Tests.Auth.TokenScene;

namespace Calls.Host.Tests.Auth;

public sealed class TokenKeyReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("calls-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Problem(string text)
    {
        TokenKeyReader.TryRead(text, out _, out var problem).ShouldBeFalse();
        return problem.ShouldNotBeNull();
    }

    private string FileOf(string text)
    {
        var path = Path.Combine(_folder, "key");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void Each_kind_of_text_is_recognised()
    {
        Keys(SecretText)[0].Algorithm.ShouldBe("HS256");
        Keys(RsaPem)[0].Algorithm.ShouldBe("RS256");
        Keys(Rsa.ExportRSAPublicKeyPem())[0].Algorithm.ShouldBe("RS256");
        Keys(EcPem)[0].Algorithm.ShouldBe("ES256");
        Keys(Certificate(Rsa))[0].Algorithm.ShouldBe("RS256");
        Keys(RsaPem + "\n" + EcPem).Select(k => k.Algorithm).ShouldBe(["RS256", "ES256"]);
    }

    [Fact]
    public void A_jwks_gives_each_of_its_keys()
    {
        var (rsa, ec) = (Rsa.ExportParameters(false), Ec.ExportParameters(false).Q);
        var jwks = $$"""
            {"keys":[
              {"kty":"RSA","kid":"r","use":"sig","n":"{{B64(rsa.Modulus!)}}","e":"{{B64(rsa.Exponent!)}}"},
              {"kty":"EC","kid":"e","alg":"ES256","crv":"P-256","x":"{{B64(ec.X!)}}","y":"{{B64(ec.Y!)}}"},
              {"kty":"EC","crv":"P-384","x":"AA","y":"AA"},
              {"kty":"OKP","crv":"Ed25519","x":"AA"},
              {"kty":"RSA","use":"enc","n":"AA","e":"AQAB"},
              {"kty":"RSA","alg":"RS512","n":"AA","e":"AQAB"},
              7
            ]}
            """;
        Keys(jwks).Select(k => (k.Algorithm, k.KeyId)).ShouldBe([("RS256", "r"), ("ES256", "e")]);
        Validator(jwks).Validate(Rs256(Claims(), """{"alg":"RS256","kid":"r"}""")).ShouldBeAccepted();
        Validator(jwks).Validate(Es256(Claims(), """{"alg":"ES256","kid":"e"}""")).ShouldBeAccepted();
        Validator(jwks).Validate(Es256(Claims(), """{"alg":"ES256","kid":"r"}""")).ShouldBeRefused();
    }

    [Fact]
    public void A_file_may_hold_any_of_them()
    {
        Keys($"file:{FileOf(EcPem)}")[0].Algorithm.ShouldBe("ES256");
        // Editors and echo end a file with a line feed, which is no part of the secret.
        Validator($"file://{FileOf(SecretText + "\n")}").Validate(Hs256(Claims())).ShouldBeAccepted();
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        Problem($"file:{_folder}/nowhere").ShouldContain("nowhere");
        Problem($"file:{_folder}").ShouldContain(_folder);
        Problem("file:/\0").ShouldContain("cannot be read");
    }

    [Fact]
    public void Weak_keys_are_refused()
    {
        using var small = RSA.Create(1024);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Problem("short").ShouldContain("32");
        Problem("""{"kty":"oct","k":"c2hvcnQ"}""").ShouldContain("32");
        Problem(small.ExportSubjectPublicKeyInfoPem()).ShouldContain("2048");
        Problem(other.ExportSubjectPublicKeyInfoPem()).ShouldContain("P-256");
    }

    [Fact]
    public void Private_keys_are_refused()
    {
        Problem(Rsa.ExportPkcs8PrivateKeyPem()).ShouldContain("private");
        Problem(Ec.ExportECPrivateKeyPem()).ShouldContain("private");
        Problem("""{"keys":[{"kty":"RSA","n":"AA","e":"AQAB","d":"AA"}]}""").ShouldContain("private");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"keys\":7}")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\"}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}")]
    [InlineData("{\"kty\":\"\\ud800\"}")]
    [InlineData("-----BEGIN PUBLIC KEY-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN POEM-----\nAAAA\n-----END POEM-----")]
    public void A_broken_key_is_refused(string text) => Problem(text).ShouldNotBeEmpty();

    [Fact]
    public void No_text_makes_it_throw()
    {
        string[] starts = ["", "{", "{\"keys\":[", "file:/", "-----BEGIN PUBLIC KEY-----\n"];
        Prop.ForAll(
                Gen.Elements(starts).ToArbitrary(),
                ArbMap.Default.ArbFor<NonNull<string>>(),
                (start, rest) =>
                {
                    var good = TokenKeyReader.TryRead(start + rest.Get, out var keys, out var problem);
                    good.ShouldBe(problem is null);
                    good.ShouldBe(keys.Count > 0);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    private static string B64(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static string Certificate(RSA key)
    {
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(Now, Now.AddDays(1));
        return certificate.ExportCertificatePem();
    }
}
