using System.Runtime.InteropServices;
using Calls.Caller.Opus;

namespace Calls.Caller.Media;

/// <summary>What a frame of sound is made of when its moment has come.</summary>
internal enum FrameKind
{
    /// <summary>Its own packet.</summary>
    Packet,

    /// <summary>The copy in a later packet (RFC 2198).</summary>
    Redundant,

    /// <summary>The coarse copy within the next packet (RFC 6716 §2.1.7), which is the payload here.</summary>
    ForwardErrorCorrection,

    /// <summary>Nothing: it is to be made up.</summary>
    Missing,

    /// <summary>Nothing was said.</summary>
    Pause,
}

/// <summary>A frame to be played.</summary>
internal readonly ref struct PlayedFrame(FrameKind kind, ReadOnlySpan<byte> payload, int concealed)
{
    public FrameKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>How many frames turn out to have been made up: this one, or some before of which it was not known whether anything was said.</summary>
    public int Concealed { get; } = concealed;
}

/// <summary>
/// Holds the packets of a track until their moment comes, a fixed time after the first one came and from then on every 20 ms: what the
/// network holds up for less, or brings only when asked again, is heard in its place. Frames of 20 ms. Without a clock.
/// </summary>
/// <param name="delay">How long a packet waits that comes as quickly as the first one.</param>
internal sealed class Playout(TimeSpan delay)
{
    /// <summary>Frames that are held: 1.28 s. A packet that is further ahead begins anew.</summary>
    public const int Capacity = 64;

    /// <summary>After so many frames without a packet in sight nobody speaks, and nothing is played until somebody does.</summary>
    public const int IdleAfter = 50;

    /// <summary>After so many packets in a row that came too late the way has become longer, and it begins anew.</summary>
    public const int LateBeforeRestart = 25;

    private readonly Slot[] _slots = new Slot[Capacity];
    private uint _timestamp; // of the packet that was added last
    private long _frame; // the number of its frame
    private long _next; // the frame that is played next
    private TimeSpan _at;
    private bool _isPlaying;
    private bool _hasPlayed;
    private ushort _lastSequence; // of the packet that was played last
    private int _accounted; // packets missing since then that frames were played for
    private int _unknown; // frames since then of which nothing could tell whether anything was said
    private int _lateInARow;

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public byte[]? Bytes; // as long as the longest that was ever here
        public int Length;
        public ushort Sequence;
        public SlotState State;
    }

    private enum SlotState : byte
    {
        Empty,
        Packet,
        Copy,
    }

    /// <summary>When the next frame is to be played; null while there is nothing to play.</summary>
    public TimeSpan? NextAt => _isPlaying ? _at : null;

    /// <summary>Takes a packet.</summary>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="frame">Its frame.</param>
    /// <param name="arrived">When it came.</param>
    /// <returns>False if its moment has passed.</returns>
    public bool Add(uint timestamp, ushort sequence, ReadOnlySpan<byte> frame, TimeSpan arrived)
    {
        var number = NumberOf(timestamp);
        if (_isPlaying && number < _next && ++_lateInARow < LateBeforeRestart)
        {
            return false;
        }

        if (!_isPlaying || number < _next || number >= _next + Capacity)
        {
            Start(timestamp, arrived);
            number = 0;
        }

        _lateInARow = 0;
        if (number > _frame || number == 0)
        {
            (_timestamp, _frame) = (timestamp, number);
        }

        Put(number, SlotState.Packet, sequence, frame);
        return true;
    }

    /// <summary>Takes the copy of an earlier packet's frame, if that has not come itself and can still be played.</summary>
    public void AddCopy(uint timestamp, ReadOnlySpan<byte> frame)
    {
        if (Wants(timestamp))
        {
            Put(NumberOf(timestamp), SlotState.Copy, 0, frame);
        }
    }

    /// <summary>Whether a copy of that frame would be of use.</summary>
    public bool Wants(uint timestamp)
    {
        var number = NumberOf(timestamp);
        return _isPlaying && number >= _next && number < _next + Capacity && SlotOf(number).State == SlotState.Empty;
    }

    /// <summary>Gives the next frame that is due; its payload stays until the next call of anything here.</summary>
    public bool TryPlay(TimeSpan now, out PlayedFrame frame)
    {
        frame = default;
        if (!_isPlaying || _at > now)
        {
            return false;
        }

        ref var slot = ref SlotOf(_next);
        frame = slot.State == SlotState.Empty ? PlayEmpty() : PlayFull(ref slot);
        _next++;
        _at += OpusFormat.FrameDuration;
        return true;
    }

    private PlayedFrame PlayFull(ref Slot slot)
    {
        var (state, concealed) = (slot.State, 0);
        slot.State = SlotState.Empty;
        if (state == SlotState.Packet)
        {
            concealed = _hasPlayed ? Math.Clamp(Gap(slot.Sequence) - _accounted, 0, _unknown) : 0;
            (_lastSequence, _hasPlayed, _accounted, _unknown) = (slot.Sequence, true, 0, 0);
        }
        else
        {
            _accounted++;
        }

        var kind = state == SlotState.Packet ? FrameKind.Packet : FrameKind.Redundant;
        return new PlayedFrame(kind, slot.Bytes.AsSpan(0, slot.Length), concealed);
    }

    // Whether packets are missing the numbers of the next one tell, or else nobody yet.
    private PlayedFrame PlayEmpty()
    {
        var copies = 0;
        for (var number = _next + 1; number < _next + Capacity; number++)
        {
            ref var slot = ref SlotOf(number);
            copies += slot.State == SlotState.Copy ? 1 : 0;
            if (slot.State != SlotState.Packet)
            {
                continue;
            }

            if (_hasPlayed && Gap(slot.Sequence) - _accounted - _unknown - copies <= 0)
            {
                return new PlayedFrame(FrameKind.Pause, default, 0);
            }

            _accounted++;
            ref var following = ref SlotOf(_next + 1);
            var bytes = following.State == SlotState.Empty ? default : following.Bytes.AsSpan(0, following.Length);
            return OpusPacket.CarriesFrameBefore(bytes)
                ? new PlayedFrame(FrameKind.ForwardErrorCorrection, bytes, 0)
                : new PlayedFrame(FrameKind.Missing, default, 1);
        }

        if (++_unknown >= IdleAfter)
        {
            Stop();
        }

        return new PlayedFrame(FrameKind.Missing, default, 0);
    }

    private int Gap(ushort sequence) => (short)(sequence - _lastSequence) - 1;

    // Timestamps go round after a day; those of one stream are never far apart. A stream that was rewritten may be out of step with whole frames.
    private long NumberOf(uint timestamp)
    {
        var step = (int)(timestamp - _timestamp);
        return _frame + (long)Math.Round(step / (double)OpusFormat.FrameSamples);
    }

    private ref Slot SlotOf(long number) => ref _slots[number % Capacity];

    private void Put(long number, SlotState state, ushort sequence, ReadOnlySpan<byte> frame)
    {
        ref var slot = ref SlotOf(number);
        if (slot.Bytes is null || slot.Bytes.Length < frame.Length)
        {
            slot.Bytes = new byte[frame.Length];
        }

        frame.CopyTo(slot.Bytes);
        (slot.Length, slot.Sequence, slot.State) = (frame.Length, sequence, state);
    }

    private void Start(uint timestamp, TimeSpan arrived)
    {
        Stop();
        (_timestamp, _frame, _next, _at, _isPlaying) = (timestamp, 0, 0, arrived + delay, true);
    }

    private void Stop()
    {
        _isPlaying = _hasPlayed = false;
        (_accounted, _unknown, _lateInARow) = (0, 0, 0);
        for (var i = 0; i < Capacity; i++)
        {
            _slots[i].State = SlotState.Empty;
        }
    }
}
