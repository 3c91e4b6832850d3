using System.Buffers.Binary;

namespace Calls.Caller.Media;

/// <summary>The frames of a payload with redundancy (RFC 2198 §3), read from the caller's side, not with the server's own reader.</summary>
internal static class RedFrames
{
    /// <summary>Length of the header of a block that is not the last.</summary>
    public const int BlockHeaderLength = 4;

    /// <summary>Most that a block may be earlier than its packet: 14 bits.</summary>
    public const int MaxOffset = 0x3FFF;

    /// <summary>Longest block: 10 bits.</summary>
    public const int MaxBlockLength = 0x3FF;

    private const byte MoreFollows = 0x80;

    /// <summary>Finds the frame that is so much earlier than the packet; 0 is the packet's own.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="offset">In units of the stream's clock.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>False when it is not there, or the payload does not hold together.</returns>
    public static bool TryFind(ReadOnlySpan<byte> payload, uint offset, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        var (header, redundant) = (0, 0);
        (int Start, int Length)? found = null;
        while (header < payload.Length && (payload[header] & MoreFollows) != 0)
        {
            if (header + BlockHeaderLength > payload.Length)
            {
                return false;
            }

            // One bit, seven of payload type, 14 of offset, 10 of length.
            var word = BinaryPrimitives.ReadUInt32BigEndian(payload[header..]);
            var length = (int)(word & MaxBlockLength);
            if (((word >> 10) & MaxOffset) == offset && offset != 0 && length > 0)
            {
                found = (redundant, length);
            }

            redundant += length;
            header += BlockHeaderLength;
        }

        var data = header + 1;
        if (data + redundant > payload.Length)
        {
            return false;
        }

        if (offset == 0)
        {
            frame = payload[(data + redundant)..];
            return true;
        }

        if (found is not { } block)
        {
            return false;
        }

        frame = payload.Slice(data + block.Start, block.Length);
        return true;
    }

    /// <summary>Writes the header of a block that is not the last.</summary>
    public static void WriteHeader(Span<byte> header, byte type, uint offset, int length) =>
        BinaryPrimitives.WriteUInt32BigEndian(
            header,
            ((uint)(MoreFollows | type) << 24) | (offset << 10) | (uint)length
        );
}
