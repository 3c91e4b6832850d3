using Calls.Media.Rtcp;

namespace Calls.Media.Sfu;

/// <summary>When a client's packets arrived, by their transport-wide numbers, until it has been told. A packet that comes after those around it were told counts as lost.</summary>
internal sealed class ArrivalLog
{
    /// <summary>How often it is told, while packets come: often enough for an estimate that follows a network, and a twentieth of what a voice itself takes.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private const int Capacity = TransportFeedback.MaxPackets;

    private readonly long[] _arrivals = new long[Capacity];
    private ushort _first;
    private int _count;
    private byte _told;
    private bool _hasBegun;
    private TimeSpan _toldAt = -Pause;

    /// <summary>Whether there is anything to tell.</summary>
    public bool HasNews => _count > 0;

    /// <summary>A packet came.</summary>
    /// <returns>Whether it is time to tell.</returns>
    public bool OnPacket(ushort sequence, TimeSpan now)
    {
        if (!_hasBegun)
        {
            (_first, _hasBegun) = (sequence, true);
        }
        int place = (short)(sequence - _first);
        if (place < 0)
        {
            return false;
        }
        if (place >= Capacity)
        {
            // So many at once are not lost one by one: the sender paused, or its network was away.
            (_first, _count, place) = (sequence, 0, 0);
        }
        while (_count <= place)
        {
            _arrivals[_count++] = TransportFeedback.NotReceived;
        }
        _arrivals[place] = now.Ticks / TransportFeedback.Unit.Ticks;
        return now - _toldAt >= Pause;
    }

    /// <summary>Adds to a compound what has come since it was told last.</summary>
    public void Tell(ref RtcpWriter writer, uint ssrc, uint mediaSsrc, TimeSpan now)
    {
        writer.AddTransportFeedback(ssrc, mediaSsrc, _first, _told++, _arrivals.AsSpan(0, _count));
        (_first, _count, _toldAt) = ((ushort)(_first + _count), 0, now);
    }
}
