using System.Buffers.Binary;

namespace Calls.Media.Rtp;

/// <summary>Which header-extension id of a sender becomes which of a receiver. What is not named is stripped.</summary>
public sealed class RtpExtensionMap
{
    /// <summary>The highest id of the one-byte form (RFC 8285 §4.2).</summary>
    public const int MaxOneByteId = 14;

    private readonly byte[] _target = new byte[256];

    /// <summary>Lets the sender's <paramref name="from"/> reach the receiver as <paramref name="to"/>.</summary>
    public RtpExtensionMap With(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, 255);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, 255);
        _target[from] = (byte)to;
        return this;
    }

    /// <summary>Renumbers and strips the elements in place; the header keeps its length, what is stripped becomes padding (id 0). False when the header is not readable.</summary>
    public bool TryRewrite(Span<byte> packet)
    {
        if (!RtpHeader.TryMeasure(packet, out var headerLength, out var extensionOffset))
        {
            return false;
        }

        if (extensionOffset == 0)
        {
            return true;
        }

        var elements = packet[(extensionOffset + 4)..headerLength];
        var extensions = new RtpExtensions(BinaryPrimitives.ReadUInt16BigEndian(packet[extensionOffset..]), elements);
        if (extensions.IsEmpty)
        {
            // Another profile's words mean nothing that was negotiated: none of them goes further.
            elements.Clear();
            return true;
        }

        var end = 0;
        foreach (var element in extensions)
        {
            var start = element.Offset;
            end = start + (extensions.IsOneByte ? 1 : 2) + element.Value.Length;
            var target = _target[element.Id];
            if (target == 0 || (extensions.IsOneByte && target > MaxOneByteId))
            {
                elements[start..end].Clear();
            }
            else
            {
                elements[start] = extensions.IsOneByte ? (byte)((target << 4) | (elements[start] & 0x0F)) : target;
            }
        }

        // Behind the last readable element lies padding, or bytes that nobody may read.
        elements[end..].Clear();
        return true;
    }
}
