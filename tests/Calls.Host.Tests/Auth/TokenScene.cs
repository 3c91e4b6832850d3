using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Calls.Host.Auth;

namespace Calls.Host.Tests.Auth;

/// <summary>Keys, a clock that stands still, and tokens signed by hand: what is tested does not sign for itself.</summary>
internal static class TokenScene
{
    public const string SecretText = "a secret of more than 32 bytes, for tests";
    public const string OtherSecretText = "another secret of more than 32 bytes, for tests";

    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    public static readonly RSA Rsa = RSA.Create(2048);
    public static readonly RSA OtherRsa = RSA.Create(2048);
    public static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string RsaPem => Rsa.ExportSubjectPublicKeyInfoPem();
    public static string EcPem => Ec.ExportSubjectPublicKeyInfoPem();

    public static IReadOnlyList<TokenKey> Keys(params string[] texts) =>
        [
            .. texts.SelectMany(text =>
            {
                TokenKeyReader.TryRead(text, out var keys, out var problem).ShouldBeTrue(problem);
                return keys;
            }),
        ];

    public static TokenValidator Validator(params string[] keys) => new(Keys(keys), null, null, new StoppedClock());

    /// <summary>A payload that is good for a minute, then changed by more claims (JSON, each after a comma).</summary>
    public static string Claims(string more = "", string sub = "\"alice\"", long ttl = 60) =>
        $$"""{"sub":{{sub}},"exp":{{Now.ToUnixTimeSeconds() + ttl}}{{more}}}""";

    public static string Hs256(string claims, string secret = SecretText, string header = """{"alg":"HS256"}""") =>
        Sign(header, claims, input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), input));

    public static string Rs256(string claims, string header = """{"alg":"RS256"}""", RSA? key = null) =>
        Sign(
            header,
            claims,
            input => (key ?? Rsa).SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        );

    public static string Es256(string claims, string header = """{"alg":"ES256"}""") =>
        Sign(header, claims, input => Ec.SignData(input, HashAlgorithmName.SHA256));

    public static string Sign(string header, string claims, Func<byte[], byte[]> sign)
    {
        var input = $"{Encode(header)}.{Encode(claims)}";
        return $"{input}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static Identity ShouldBeAccepted(this TokenResult result) =>
        result.ShouldBeOfType<TokenResult.Accepted>(result.ToString()).Identity;

    public static string ShouldBeRefused(this TokenResult result) =>
        result.ShouldBeOfType<TokenResult.Refused>(result.ToString()).Reason;

    /// <summary>Always <see cref="Now"/>.</summary>
    public sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
