using Calls.Media.Srtp;
using Calls.Media.Wire;

namespace Calls.Media.Tests.Srtp;

/// <summary>The cases that Project Wycheproof has collected against mistakes that ciphers were seen to make.</summary>
public class WycheproofTests
{
    public static TheoryData<string> Engine => [.. Engines.Names];

    [Theory]
    [MemberData(nameof(Engine))]
    public void AES_GCM_makes_and_takes_what_is_valid_and_nothing_else(string engine)
    {
        var cases = Cases("aes_gcm.txt", fields: 9);
        cases.Count.ShouldBe(133);
        foreach (var fields in cases)
        {
            var (number, isValid) = (fields[0], fields[1] == "valid");
            var (key, nonce) = (Engines.Gcm(engine, Hex(fields[2])), Nonce.Read(Hex(fields[3])));
            var (associated, plain, sealedText, tag) = (Hex(fields[4]), Hex(fields[5]), Hex(fields[6]), Hex(fields[7]));

            var text = sealedText.ToArray();
            key.TryOpen(nonce, associated, text, tag).ShouldBe(isValid, $"case {number}: {fields[8]}");
            text.ShouldBe(isValid ? plain : sealedText, $"case {number}");

            var (made, madeTag) = (plain.ToArray(), new byte[16]);
            key.Seal(nonce, associated, made, madeTag);
            (made.AsSpan().SequenceEqual(sealedText) && madeTag.AsSpan().SequenceEqual(tag)).ShouldBe(
                isValid,
                $"case {number}: {fields[8]}"
            );
        }
    }

    [Fact]
    public void HMAC_SHA1_takes_what_is_valid_and_nothing_else()
    {
        var cases = Cases("hmac_sha1.txt", fields: 6);
        cases.Count.ShouldBe(170);
        foreach (var fields in cases)
        {
            var (key, text, code) = (new HmacSha1Key(Hex(fields[2])), Hex(fields[3]), Hex(fields[4]));
            key.Verify(text, code).ShouldBe(fields[1] == "valid", $"case {fields[0]}: {fields[5]}");
        }
    }

    private static List<string[]> Cases(string file, int fields)
    {
        var lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Wycheproof", file));
        return [.. lines.Where(line => line[0] != '#').Select(line => line.Split('|', fields))];
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
