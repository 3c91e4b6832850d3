using System.Runtime.InteropServices;

namespace Calls.Caller.Media;

/// <summary>The latest datagrams of the outgoing stream as they went out, for a server that asks for some again (RFC 4585 §6.2.1).</summary>
internal sealed class SentDatagrams
{
    /// <summary>Datagrams that are kept: more than a second's, and nobody waits so long for a sound.</summary>
    public const int Capacity = 64;

    /// <summary>How often one of them is sent again: a server that asks more often does not want to hear it.</summary>
    public const int MaxTimes = 4;

    private readonly Sent[] _sent = new Sent[Capacity];

    [StructLayout(LayoutKind.Auto)]
    private struct Sent
    {
        public byte[]? Bytes; // as long as the longest that was ever here: nothing is allocated once each has had its turn
        public int Length;
        public ushort Sequence;
        public int Times;
    }

    /// <summary>Keeps a datagram in the place of the one that went out so many before it.</summary>
    public void Keep(ushort sequence, ReadOnlySpan<byte> datagram)
    {
        ref var place = ref _sent[sequence % Capacity];
        if (place.Bytes is null || place.Bytes.Length < datagram.Length)
        {
            place.Bytes = new byte[datagram.Length];
        }

        datagram.CopyTo(place.Bytes);
        (place.Length, place.Sequence, place.Times) = (datagram.Length, sequence, 0);
    }

    /// <summary>A datagram that is asked for; false when it is gone, or was asked for too often.</summary>
    public bool TryTake(ushort sequence, out ReadOnlySpan<byte> datagram)
    {
        ref var place = ref _sent[sequence % Capacity];
        datagram = default;
        if (place.Bytes is null || place.Sequence != sequence || place.Times == MaxTimes)
        {
            return false;
        }

        place.Times++;
        datagram = place.Bytes.AsSpan(0, place.Length);
        return true;
    }
}
