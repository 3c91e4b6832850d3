namespace Calls.Media.Rtp;

/// <summary>
/// Gives one receiver of one source a single unbroken stream, whatever happens behind it: packets that were withheld (mute, pause,
/// deafening) leave no hole, and when the source's stream changes (a new SSRC after a new session) numbers and time go on from where
/// they were. Losses of the network stay holes and reordering stays reordering, so that the receiver conceals and counts them as ever.
/// </summary>
/// <remarks>
/// The packets are those that SRTP let through: authentic, and each only once. A segment is a run of packets forwarded without a
/// pause from one SSRC; within it every number is shifted by the same amount. Memory per (receiver, source) is what is below.
/// </remarks>
public struct StreamRewriter
{
    /// <summary>
    /// How far before its first forwarded packet a stream may still begin: reordering at the very start. Also what the first outgoing
    /// number stays away from 0, so that no number falls before the SRTP stream's beginning.
    /// </summary>
    public const int MaxEarly = 64;

    /// <summary>Beyond this many seconds between a resumed source's own clock and the time that passed, its timestamps are not believed.</summary>
    private const int MaxClockDisagreementSeconds = 1;

    /// <summary>The least step over a switch, as a fraction of a second: a frame of 20 ms.</summary>
    private const int FramesPerSecond = 50;

    private readonly uint _clockRate;
    private uint _ssrc;
    private uint _leftSsrc;
    private bool _hasLeft;
    private uint _timestampOffset;
    private uint _lastTimestamp;
    private long _lastTicks;
    private int _room;
    private ushort _sequenceOffset;
    private ushort _highest;
    private State _state;

    /// <summary>A stream that begins at the given numbers; both should be random (RFC 3550 §5.1).</summary>
    /// <param name="firstSequence">The first number; its lower 14 bits count, so that the stream begins far from a roll-over (RFC 3711 §3.3.1).</param>
    /// <param name="firstTimestamp">The first timestamp.</param>
    /// <param name="clockRate">Timestamp units a second: 48000 for Opus.</param>
    public StreamRewriter(ushort firstSequence, uint firstTimestamp, int clockRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clockRate, 1);
        _clockRate = (uint)clockRate;
        _highest = (ushort)((firstSequence & 0x3FFF) + MaxEarly);
        _lastTimestamp = firstTimestamp;
    }

    private enum State : byte
    {
        New,
        Flowing,
        Paused,
    }

    /// <summary>The incoming SSRC that the outgoing stream follows now.</summary>
    public readonly uint SourceSsrc => _ssrc;

    /// <summary>Whether anything was forwarded yet.</summary>
    public readonly bool HasStarted => _state != State.New;

    /// <summary>What to add to a timestamp of the source now: sender reports are moved by it too.</summary>
    public readonly uint TimestampOffset => _timestampOffset;

    /// <summary>Packets are withheld from here on; the next one to be forwarded follows the last one without a hole.</summary>
    public void Pause()
    {
        if (_state == State.Flowing)
        {
            _state = State.Paused;
        }
    }

    /// <summary>Lets the stream return to an SSRC that it followed before; else packets of the one before the last switch count as latecomers.</summary>
    public void Follow(uint ssrc)
    {
        if (_hasLeft && ssrc == _leftSsrc)
        {
            _hasLeft = false;
        }
    }

    /// <summary>The numbers under which a packet of the source goes out. False when it must not: it belongs before a pause or a switch, and came too late.</summary>
    /// <param name="ssrc">The packet's SSRC.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="now">Monotonic time; only differences count.</param>
    /// <param name="outSequence">The number to send it under.</param>
    /// <param name="outTimestamp">The timestamp to send it under.</param>
    public bool TryRewrite(
        uint ssrc,
        ushort sequence,
        uint timestamp,
        TimeSpan now,
        out ushort outSequence,
        out uint outTimestamp
    )
    {
        outSequence = 0;
        outTimestamp = 0;
        if (_state != State.Flowing || ssrc != _ssrc)
        {
            if (!TryBeginSegment(ssrc, sequence, timestamp, now))
            {
                return false;
            }
        }
        else
        {
            var step = (short)(sequence - _highest);
            if (step > 0)
            {
                // Room is how far behind the newest packet the segment reaches; beyond a quarter of the number space it does not matter.
                _room = Math.Min(_room + step, 0x4000);
                _highest = sequence;
                _lastTimestamp = timestamp + _timestampOffset;
                _lastTicks = now.Ticks;
            }
            else if (-step > _room)
            {
                return false;
            }
        }

        outSequence = (ushort)(sequence + _sequenceOffset);
        outTimestamp = timestamp + _timestampOffset;
        return true;
    }

    private bool TryBeginSegment(uint ssrc, ushort sequence, uint timestamp, TimeSpan now)
    {
        var sameSource = _state != State.New && ssrc == _ssrc;
        if (sameSource ? (short)(sequence - _highest) <= 0 : _hasLeft && ssrc == _leftSsrc)
        {
            // Held up by the network from before the pause or the switch: its number may be taken.
            return false;
        }

        if (_state == State.New)
        {
            _sequenceOffset = (ushort)(_highest - sequence);
            _timestampOffset = _lastTimestamp - timestamp;
            _room = MaxEarly;
        }
        else
        {
            var lastOut = (ushort)(_highest + _sequenceOffset);
            _sequenceOffset = (ushort)(lastOut + 1 - sequence);
            _timestampOffset = ContinueTime(sameSource, timestamp, now);
            _room = 0;
        }

        if (_state != State.New && !sameSource)
        {
            (_leftSsrc, _hasLeft) = (_ssrc, true);
        }

        _ssrc = ssrc;
        _highest = sequence;
        _lastTimestamp = timestamp + _timestampOffset;
        _lastTicks = now.Ticks;
        _state = State.Flowing;
        return true;
    }

    private readonly uint ContinueTime(bool sameSource, uint timestamp, TimeSpan now)
    {
        var elapsed = Math.Max(0, now.Ticks - _lastTicks);
        var units = (long)((Int128)elapsed * _clockRate / TimeSpan.TicksPerSecond);
        if (sameSource)
        {
            // The source's own clock is exact where the arrival time jitters: it is kept as long as the two agree.
            var moved = (int)(timestamp + _timestampOffset - _lastTimestamp);
            var disagreement = Math.Abs((long)(int)((uint)moved - (uint)units)); // which may be half the clock's range
            if (moved > 0 && disagreement <= MaxClockDisagreementSeconds * _clockRate)
            {
                return _timestampOffset;
            }
        }

        var step = Math.Max(units, Math.Max(1, _clockRate / FramesPerSecond));
        return _lastTimestamp + (uint)step - timestamp;
    }
}
