using System.Buffers.Binary;
using System.Numerics;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// How the files are written: a header, then frames of <c>length, CRC32C, payload</c> (both little-endian, the CRC over
/// length and payload, so that a run of zeros is no frame). A payload is JSON, one <see cref="Change"/> a line. A frame
/// is one commit: what was acknowledged together is there together, and what a crash tears is one frame, the last.
/// </summary>
internal static class Frame
{
    /// <summary>Raised when older software would misread what newer writes. A kind of <see cref="Change"/> that it does not know it refuses by itself.</summary>
    public const int Format = 1;

    public const int FileHeaderSize = 16;
    public const int HeaderSize = 8;

    /// <summary>Longest payload. A commit has at most a few MiB; what claims more is damage.</summary>
    public const int MaxPayload = 256 << 20;

    private static readonly byte[] Magic = "CALLSLOG"u8.ToArray();

    public static byte[] FileHeader()
    {
        var header = new byte[FileHeaderSize];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Format);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C(header.AsSpan(0, 12)));
        return header;
    }

    /// <summary>What is wrong with a file's header, or null.</summary>
    public static string? CheckFileHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < FileHeaderSize || !header.StartsWith(Magic))
            return "is no log of this service";
        if (Crc32C(header[..12]) != BinaryPrimitives.ReadUInt32LittleEndian(header[12..]))
            return "has a damaged header";
        var format = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        return format == Format ? null : $"has format {format}, and this version reads {Format}";
    }

    /// <summary>Fills in the first <see cref="HeaderSize"/> bytes of <paramref name="frame"/> for the payload behind them.</summary>
    public static void Seal(Span<byte> frame)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(frame));
    }

    /// <summary>The length of the payload at the start of <paramref name="bytes"/> if a whole and sound frame stands there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < HeaderSize)
            return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length is > 0 and <= MaxPayload
            && length <= bytes.Length - HeaderSize
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Checksum(bytes[..(HeaderSize + length)]);
    }

    private static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C(frame[HeaderSize..], Crc32C(frame[..4]));

    /// <summary>Castagnoli's CRC (RFC 3720, 12.1): the one that processors compute.</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        var crc = ~seed;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
