using Calls.Media.Srtp;
using Calls.Media.Wire;

namespace Calls.Media.Tests.Srtp;

/// <summary>Every engine against OpenSSL, both ways, on random keys and texts of every length that a packet has.</summary>
public class OpenSslTests
{
    private const int LongestText = 1_500;
    private const int LongestAssociated = 100;

    private readonly Random _chance = new(18);

    public static TheoryData<string, int> EnginesAndKeys
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var engine in Engines.Names)
            {
                data.Add(engine, 16);
                data.Add(engine, 32);
            }
            return data;
        }
    }

    public static TheoryData<string> Engine => [.. Engines.Names];

    [Theory]
    [MemberData(nameof(EnginesAndKeys))]
    public void GCM_of_every_length_of_text(string engine, int keyLength)
    {
        for (var length = 0; length <= LongestText; length++)
        {
            CompareGcm(engine, keyLength, length, _chance.Next(LongestAssociated + 1));
        }
    }

    [Theory]
    [MemberData(nameof(EnginesAndKeys))]
    public void GCM_of_every_length_of_associated_data(string engine, int keyLength)
    {
        for (var length = 0; length <= LongestAssociated; length++)
        {
            // Ends on and beside the borders of blocks, of the first seven, and of eight.
            foreach (var text in (int[])[0, 1, 15, 16, 17, 111, 112, 113, 127, 128, 129, 240, 241, 1_200])
            {
                CompareGcm(engine, keyLength, text, length);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engine))]
    public void Counter_mode_of_every_length(string engine)
    {
        for (var length = 0; length <= LongestText; length++)
        {
            byte[] first = [.. Bytes(14), 0, 0]; // the last two bytes count (RFC 3711 section 4.1.1)
            var (key, text) = (Bytes(16), Bytes(length));
            var made = text.ToArray();
            Engines.Counter(engine, key).Apply(CounterBlock.Read(first), made);
            Same(made, OpenSslReference.Count(key, first, text), $"length {length}");
        }
    }

    [Fact]
    public void HMAC_SHA1_of_every_length()
    {
        for (var length = 0; length <= LongestText; length++)
        {
            var (key, text) = (Bytes(length % 3 == 0 ? 20 : 1 + _chance.Next(100)), Bytes(length));
            var code = new byte[HmacSha1Key.Length];
            new HmacSha1Key(key).Compute(text, code);
            Same(code, OpenSslReference.HmacSha1(key, text), $"length {length}");
        }
    }

    private void CompareGcm(string engine, int keyLength, int textLength, int associatedLength)
    {
        var (key, nonce) = (Bytes(keyLength), Bytes(Nonce.Length));
        var (associated, text) = (Bytes(associatedLength), Bytes(textLength));
        var ours = Engines.Gcm(engine, key);
        var what = $"{textLength} bytes, {associatedLength} associated";

        var made = new byte[textLength + 16];
        text.CopyTo(made, 0);
        ours.Seal(Nonce.Read(nonce), associated, made.AsSpan(0, textLength), made.AsSpan(textLength));
        Same(made, OpenSslReference.SealGcm(key, nonce, associated, text), what);
        Same(OpenSslReference.OpenGcm(key, nonce, associated, made), text, what);
        Same(Open(made), text, what);

        var bit = _chance.Next(made.Length * 8);
        made[bit / 8] ^= (byte)(1 << (bit % 8));
        OpenSslReference.OpenGcm(key, nonce, associated, made).ShouldBeNull();
        Open(made).ShouldBeNull(what);

        byte[]? Open(byte[] message)
        {
            var opened = message[..textLength];
            return ours.TryOpen(Nonce.Read(nonce), associated, opened, message.AsSpan(textLength)) ? opened : null;
        }
    }

    private static void Same(byte[]? actual, byte[] expected, string what) =>
        actual.AsSpan().SequenceEqual(expected).ShouldBeTrue(what);

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _chance.NextBytes(bytes);
        return bytes;
    }
}
