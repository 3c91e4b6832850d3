using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Calls.Media.Srtp;

/// <summary>Counter mode on the processor's AES instructions. Holds only the key, so that any number of threads may use it.</summary>
internal sealed class InstructionCounterKey(ReadOnlySpan<byte> key) : CounterKey
{
    private const int ChunkLength = AesInstructions.Lanes * AesInstructions.BlockLength;

    private readonly AesInstructions _aes = new(key);

    [SkipLocalsInit]
    public override void Apply(CounterBlock first, Span<byte> text)
    {
        Span<byte> stream = stackalloc byte[ChunkLength];
        var block = Vector128
            .Create(BinaryPrimitives.ReverseEndianness(first.Head), BinaryPrimitives.ReverseEndianness(first.Tail))
            .AsByte();

        // The count begins at 0 and takes the last 16 bits; texts are far too short for it to leave them.
        var counter = (uint)first.Tail;
        while (!text.IsEmpty)
        {
            _aes.MakeStream(block, counter, ref stream[0]);
            var length = Math.Min(text.Length, ChunkLength);
            AesInstructions.Mix(text[..length], stream);
            text = text[length..];
            counter += AesInstructions.Lanes;
        }
    }
}
