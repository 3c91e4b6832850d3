using System.Buffers.Binary;

namespace Calls.Media.Srtp;

/// <summary>A block that counter mode counts up from (RFC 3711 §4.1.1), as big-endian numbers. Its last 16 bits are the count.</summary>
/// <param name="Head">The first eight bytes.</param>
/// <param name="Tail">The last eight.</param>
internal readonly record struct CounterBlock(ulong Head, ulong Tail)
{
    /// <summary>In bytes.</summary>
    public const int Length = 16;

    public static CounterBlock Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Head);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Tail);
    }
}
