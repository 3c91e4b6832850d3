using System.Runtime.InteropServices;

namespace Calls.Media.Sfu;

/// <summary>Under which header a packet went out. Sent again it must be the same to the bit: under one SRTP index other bytes would give away AES-GCM's authentication key (RFC 7714 section 8.4).</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SentHeader
{
    /// <summary>In the source's <see cref="PacketHistory"/>; 0 for none.</summary>
    public uint Number;
    public uint Timestamp;
    public ushort Sequence;

    /// <summary>The transport-wide sequence number, if the receiver has agreed to one.</summary>
    public ushort TransportSequence;
    public bool HasMid;
}

/// <summary>The headers of the latest packets to one receiver, by their outgoing numbers.</summary>
internal sealed class SentPackets
{
    /// <summary>At 50 a second 640 ms: a request comes after a round trip and some pace of the receiver's, and later than that the sound is of no use.</summary>
    public const int Capacity = 32;

    private readonly SentHeader[] _headers = new SentHeader[Capacity];

    public void Add(in SentHeader header)
    {
        ref var place = ref _headers[header.Sequence % Capacity];
        // What the network held up must not push out a newer one.
        if (place.Number == 0 || (short)(header.Sequence - place.Sequence) > 0)
        {
            place = header;
        }
    }

    public bool TryFind(ushort sequence, out SentHeader header)
    {
        header = _headers[sequence % Capacity];
        return header.Number != 0 && header.Sequence == sequence;
    }

    public void Clear() => Array.Clear(_headers);
}
