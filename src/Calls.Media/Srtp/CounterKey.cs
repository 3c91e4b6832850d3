using System.Security.Cryptography;

namespace Calls.Media.Srtp;

/// <summary>AES in counter mode under one key. Safe for use from several threads.</summary>
internal abstract class CounterKey
{
    public static CounterKey Create(byte[] key) =>
        AesInstructions.IsSupported ? new InstructionCounterKey(key) : new FrameworkCounterKey(key);

    /// <summary>Mixes the text with the stream that begins at <paramref name="first"/>, whose count is 0 (RFC 3711 §4.1.1).</summary>
    public abstract void Apply(CounterBlock first, Span<byte> text);
}

/// <summary>On the framework's block cipher, for machines without AES instructions.</summary>
internal sealed class FrameworkCounterKey : CounterKey
{
    private const int BlockLength = CounterBlock.Length;

    private readonly Aes _aes = Aes.Create();

    public FrameworkCounterKey(byte[] key) => _aes.Key = key;

    public override void Apply(CounterBlock first, Span<byte> text)
    {
        Span<byte> stream = stackalloc byte[SrtpLimits.MaxPacketLength];
        var blocks = (text.Length + BlockLength - 1) / BlockLength;
        stream = stream[..(blocks * BlockLength)];
        for (var block = 0; block < blocks; block++)
        {
            (first with { Tail = first.Tail + (uint)block }).Write(stream[(block * BlockLength)..]);
        }

        _aes.EncryptEcb(stream, stream, PaddingMode.None);
        for (var i = 0; i < text.Length; i++)
        {
            text[i] ^= stream[i];
        }
    }
}
