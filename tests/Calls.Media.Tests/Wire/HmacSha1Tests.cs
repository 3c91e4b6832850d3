using System.Security.Cryptography;
using Calls.Media.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Wire;

public class HmacSha1Tests
{
    [Theory]
    [InlineData(
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        "4869205468657265",
        "b617318655057264e28bc0b6fb378c8ef146be00"
    )]
    [InlineData(
        "4a656665",
        "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    )]
    public void Codes_are_those_of_RFC_2202(string key, string text, string expected)
    {
        var code = new byte[HmacSha1Key.Length];
        new HmacSha1Key(Convert.FromHexString(key)).Compute(Convert.FromHexString(text), code);
        Convert.ToHexStringLower(code).ShouldBe(expected);
    }

    [Fact]
    public void Codes_of_every_length_are_those_of_OpenSSL()
    {
        var random = new Random(1);
        for (var length = 0; length < 400; length++)
        {
            var (key, text) = (new byte[length / 3], new byte[length]);
            random.NextBytes(key);
            random.NextBytes(text);
            var code = new byte[HmacSha1Key.Length];
            new HmacSha1Key(key).Compute(text, code);
            code.ShouldBe(HMACSHA1.HashData(key, text), $"length {length}");
        }
    }

    [Fact]
    public void A_code_of_another_text_or_key_is_refused() =>
        Prop.ForAll(
                Gen.Choose(0, 255).Select(n => (byte)n).NonEmptyListOf().ToArbitrary(),
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                (bytes, flip) =>
                {
                    byte[] text = [.. bytes];
                    var key = new HmacSha1Key("a key"u8);
                    var code = new byte[10];
                    key.Compute(text, code);
                    var right = key.Verify(text, code);
                    var other = new HmacSha1Key("a kez"u8).Verify(text, code);
                    text[flip % text.Length] ^= (byte)(1 << (flip % 8));
                    return right && !other && !key.Verify(text, code);
                }
            )
            .QuickCheckThrowOnFailure();
}
