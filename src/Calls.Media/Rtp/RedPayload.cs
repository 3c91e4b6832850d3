using System.Buffers.Binary;

namespace Calls.Media.Rtp;

/// <summary>Payloads with redundant data (RFC 2198): blocks of earlier frames, each under a header of four bytes, and the present one last, under one byte.</summary>
public static class RedPayload
{
    private const byte MoreFollows = 0x80;
    private const int HeaderLength = 4;

    /// <summary>Finds the present frame. False when the blocks do not hold together.</summary>
    public static bool TryFindPrimary(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> primary)
    {
        primary = default;
        var offset = 0;
        var redundant = 0;
        while (offset < payload.Length && (payload[offset] & MoreFollows) != 0)
        {
            if (offset + HeaderLength > payload.Length)
            {
                return false;
            }
            // A byte of payload type, 14 bits of timestamp offset, 10 bits of length.
            redundant += BinaryPrimitives.ReadUInt16BigEndian(payload[(offset + 2)..]) & 0x3FF;
            offset += HeaderLength;
        }
        if (offset + 1 + redundant > payload.Length)
        {
            return false;
        }
        primary = payload[(offset + 1 + redundant)..];
        return true;
    }

    /// <summary>Gives all blocks another payload type, as the receiver numbers the codec otherwise. The payload is one that <see cref="TryFindPrimary"/> takes.</summary>
    public static void SetBlockType(Span<byte> payload, byte type)
    {
        var offset = 0;
        while ((payload[offset] & MoreFollows) != 0)
        {
            payload[offset] = (byte)(MoreFollows | type);
            offset += HeaderLength;
        }
        payload[offset] = type;
    }
}
