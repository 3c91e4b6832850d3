using System.Runtime.InteropServices;

namespace Calls.Media.Sfu;

/// <summary>The latest packets of one source, for receivers that ask for one again (RFC 4585 section 6.2.1). Made once; what is added pushes out the oldest.</summary>
internal sealed class PacketHistory
{
    /// <summary>Packets: at 50 a second more than a second's, and no receiver waits so long for a sound.</summary>
    public const int Capacity = 64;

    /// <summary>Bytes of payload: a second of Opus at 64 kbit/s.</summary>
    public const int Bytes = 8 * 1024;

    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly byte[] _bytes = new byte[Bytes];
    private uint _next = 1;
    private long _written; // all bytes ever, those that were left out at the end of the ring too

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public long Start;
        public uint Number;
        public short Length;
        public short Level;
        public PayloadFormat Format;
        public bool Marker;
    }

    /// <summary>Keeps a packet.</summary>
    /// <returns>The number under which it is found again; 0 for one too long to be kept.</returns>
    public uint Add(in MediaPacket packet)
    {
        var length = packet.Payload.Length;
        if (length > Bytes)
        {
            return 0;
        }
        var offset = (int)(_written % Bytes);
        if (offset + length > Bytes)
        {
            _written += Bytes - offset; // a payload lies in one piece
            offset = 0;
        }
        packet.Payload.CopyTo(_bytes.AsSpan(offset));
        if (_next == 0)
        {
            _next = 1;
        }
        _entries[_next % Capacity] = new Entry
        {
            Start = _written,
            Number = _next,
            Length = (short)length,
            Level = (short)packet.Level,
            Format = packet.Format,
            Marker = packet.Marker,
        };
        _written += length;
        return _next++;
    }

    /// <summary>A packet as it was added. False when it is gone.</summary>
    public bool TryFind(uint number, out MediaPacket packet)
    {
        ref var entry = ref _entries[number % Capacity];
        if (number == 0 || entry.Number != number || _written - entry.Start > Bytes)
        {
            packet = default;
            return false;
        }
        packet = new MediaPacket
        {
            Format = entry.Format,
            Marker = entry.Marker,
            Level = entry.Level,
            Payload = _bytes.AsSpan((int)(entry.Start % Bytes), entry.Length),
        };
        return true;
    }
}
