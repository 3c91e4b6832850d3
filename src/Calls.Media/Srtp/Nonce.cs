using System.Buffers.Binary;

namespace Calls.Media.Srtp;

/// <summary>The twelve bytes that make each use of a GCM key a different one, as big-endian numbers.</summary>
/// <param name="Head">The first eight.</param>
/// <param name="Tail">The last four.</param>
internal readonly record struct Nonce(ulong Head, uint Tail)
{
    /// <summary>In bytes.</summary>
    public const int Length = 12;

    public static Nonce Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Head);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Tail);
    }
}
