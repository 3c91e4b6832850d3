using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>The items of source descriptions (RFC 3550 §6.5): only the canonical name is read, the others are stepped over.</summary>
internal static class SourceDescription
{
    public const byte Cname = 1;

    /// <summary>Longest item, in bytes (§6.5).</summary>
    public const int MaxItemLength = 255;

    public static bool TryFindCname(ReadOnlySpan<byte> body, int chunks, uint ssrc, out ReadOnlySpan<byte> cname)
    {
        cname = default;
        for (; chunks > 0 && body.Length >= 4; chunks--)
        {
            var isWanted = BinaryPrimitives.ReadUInt32BigEndian(body) == ssrc;
            var offset = 4;
            while (offset < body.Length && body[offset] != 0)
            {
                if (offset + 2 > body.Length || offset + 2 + body[offset + 1] > body.Length)
                {
                    return false;
                }

                var item = body.Slice(offset + 2, body[offset + 1]);
                if (isWanted && body[offset] == Cname)
                {
                    cname = item;
                    return true;
                }

                offset += 2 + item.Length;
            }

            // A chunk ends with at least one zero, and on a whole word.
            body = body[Math.Min(body.Length, (offset + 4) & ~3)..];
        }

        return false;
    }
}
