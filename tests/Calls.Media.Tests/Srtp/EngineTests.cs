using Calls.Media.Srtp;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Media.Tests.Srtp;

/// <summary>The processor's instructions against the framework's OpenSSL, on random keys, nonces and lengths.</summary>
public class EngineTests
{
    private static readonly Gen<(byte[] Key, byte[] Nonce, byte[] Associated, byte[] Text)> Inputs =
        from keyLength in Gen.Elements(16, 32)
        from key in Bytes(keyLength)
        from nonce in Bytes(12)
        from associatedLength in Gen.Choose(0, 300)
        from associated in Bytes(associatedLength)
        from textLength in Gen.Frequency((3, Gen.Choose(0, 300)), (1, Gen.Choose(301, 2000)))
        from text in Bytes(textLength)
        select (key, nonce, associated, text);

    [Fact]
    public void GCM_by_instructions_makes_what_OpenSSL_makes()
    {
        if (!AesInstructions.IsSupported)
        {
            return;
        }

        Prop.ForAll(
                Inputs.ToArbitrary(),
                input =>
                {
                    var (expected, expectedTag) = Seal(new FrameworkGcmKey(input.Key), input);
                    var (actual, actualTag) = Seal(new InstructionGcmKey(input.Key), input);
                    return expected.AsSpan().SequenceEqual(actual) && expectedTag.AsSpan().SequenceEqual(actualTag);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Counter_mode_by_instructions_makes_what_OpenSSL_makes()
    {
        if (!AesInstructions.IsSupported)
        {
            return;
        }

        Prop.ForAll(
                Inputs.ToArbitrary(),
                input =>
                {
                    var iv = CounterBlock.Read([.. input.Nonce, 7, 9, 0, 0]);
                    byte[] expected = [.. input.Text];
                    byte[] actual = [.. input.Text];
                    new FrameworkCounterKey(input.Key).Apply(iv, expected);
                    new InstructionCounterKey(input.Key).Apply(iv, actual);
                    return expected.AsSpan().SequenceEqual(actual);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_text_that_is_not_authentic_stays_as_it_was(string engine) =>
        Prop.ForAll(
                Inputs.ToArbitrary(),
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                (input, flip) =>
                {
                    var key = Engines.Gcm(engine, input.Key);
                    var (text, tag) = Seal(key, input);
                    var bit = flip % ((text.Length + tag.Length) * 8);
                    if (bit / 8 < text.Length)
                    {
                        text[bit / 8] ^= (byte)(1 << (bit % 8));
                    }
                    else
                    {
                        tag[(bit / 8) - text.Length] ^= (byte)(1 << (bit % 8));
                    }

                    byte[] before = [.. text];
                    return !key.TryOpen(Nonce.Read(input.Nonce), input.Associated, text, tag)
                        && text.AsSpan().SequenceEqual(before);
                }
            )
            .QuickCheckThrowOnFailure();

    public static TheoryData<string> All => [.. Engines.Names];

    private static (byte[] Text, byte[] Tag) Seal(
        GcmKey key,
        (byte[] Key, byte[] Nonce, byte[] Associated, byte[] Text) input
    )
    {
        byte[] text = [.. input.Text];
        var tag = new byte[16];
        key.Seal(Nonce.Read(input.Nonce), input.Associated, text, tag);
        return (text, tag);
    }

    private static Gen<byte[]> Bytes(int length) => Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf(length);
}
