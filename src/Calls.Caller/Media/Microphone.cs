using Calls.Caller.Opus;
using Calls.Caller.Sdp;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;

namespace Calls.Caller.Media;

/// <summary>The outgoing stream: the frames of a recording, or none, as RTP packets with the time in them.</summary>
/// <param name="ssrc">Its SSRC; with several, the first of them.</param>
/// <param name="firstSequence">Where its numbers begin.</param>
/// <param name="firstTimestamp">Where its time begins.</param>
/// <param name="options">How it behaves.</param>
internal sealed class Microphone(uint ssrc, ushort firstSequence, uint firstTimestamp, CallerOptions options)
{
    /// <summary>Most earlier frames that a packet repeats: a third one would hardly ever be needed.</summary>
    public const int MaxRedundantFrames = 2;

    // The MID is needed until the server knows the SSRC (RFC 8843 §9.2): for the first second.
    private const int PacketsWithMid = 50;

    private Recording? _sound;
    private int _position; // in the recording
    private long _next; // frames since the start
    private long _sent; // the frame behind the last one that was sent
    private bool _afterPause = true;
    private int _copies; // of the present frame that were made already
    private TimeSpan? _startedAt;
    private SenderStats _stats = new(OpusFormat.SampleRate);
    private ushort _sequence = (ushort)(firstSequence & 0x7FFF); // RFC 3711 §3.3.1: far from the first roll-over
    private readonly EarlierFrames? _earlier =
        options.RedundantFrames > 0 ? new EarlierFrames(options.RedundantFrames) : null;
    private byte[] _mid = [];
    private OfferedLine? _line;

    public uint Ssrc { get; } = ssrc;

    /// <summary>Who speaks, as the stamps say.</summary>
    public uint Speaker { get; set; }

    public SenderStats Stats => _stats;

    /// <summary>The number of the packet that was made last.</summary>
    public ushort LastSequence => (ushort)(_sequence - 1);

    /// <summary>When the next packet is to be made; null while nothing is said.</summary>
    public TimeSpan? Due => _startedAt is { } started && _sound is not null ? DueAt(started, _next) : null;

    /// <summary>The line that it stands on, once there is one.</summary>
    public void Use(OfferedLine? line)
    {
        _line = line;
        _mid = line is null ? [] : System.Text.Encoding.ASCII.GetBytes(line.Mid);
    }

    /// <summary>From here on time counts; called again, it changes nothing.</summary>
    public void Start(TimeSpan now) => _startedAt ??= now;

    /// <summary>What is said from now on, from its beginning; null is silence, which sends nothing at all.</summary>
    public void Say(Recording? sound, TimeSpan now)
    {
        _sound = sound;
        (_position, _copies, _afterPause) = (0, 0, true);
        _next = Math.Max(_sent, Following(now)); // at once, also when the one before was in the middle of a pause
        Skip();
    }

    /// <summary>Writes the next packet that is due; false when none is.</summary>
    public bool TryMake(TimeSpan now, Span<byte> packet, out int length)
    {
        length = 0;
        if (_line is null || Due is not { } due || due > now)
        {
            return false;
        }

        if (now - due > options.CatchUp)
        {
            var missed = Math.Max(0, Following(now) - _next);
            _next += missed;
            _position += (int)missed;
            Skip();
            return false;
        }

        length = Write(_line, now, packet);
        if (++_copies >= options.PacketsPerFrame)
        {
            _copies = 0;
            _sent = ++_next;
            _position++;
            Skip();
        }

        return true;
    }

    private static TimeSpan DueAt(TimeSpan started, long frame) => started + (frame * OpusFormat.FrameDuration);

    // The next frame to begin.
    private long Following(TimeSpan now) =>
        _startedAt is { } started ? ((now - started).Ticks / OpusFormat.FrameDuration.Ticks) + 1 : 0;

    // On to the next frame that is sent: nobody has to wake up for silence.
    private void Skip()
    {
        if (_sound is null)
        {
            return;
        }

        _position %= _sound.Frames;
        if (_sound.NextSpoken(_position) is not { } spoken)
        {
            _sound = null;
            return;
        }

        _afterPause |= spoken != _position;
        _next += spoken - _position;
        _position = spoken % _sound.Frames;
    }

    private int Write(OfferedLine line, TimeSpan now, Span<byte> packet)
    {
        // The marker is for the first packet of a talk spurt (RFC 3551 §4.1).
        var timestamp = firstTimestamp + (uint)(_next * OpusFormat.FrameSamples);
        var redType = _earlier is null ? null : line.RedPayloadType;
        var type = redType ?? line.OpusPayloadType;
        var source = Ssrc + (uint)(_stats.Packets % options.Ssrcs);
        var writer = new RtpHeaderWriter(packet, type, _afterPause, _sequence, timestamp, source);
        if (_afterPause)
        {
            _earlier?.Clear();
            _afterPause = false;
        }

        if (line.AudioLevelId is { } levelId)
        {
            writer.AddExtension(levelId, [new AudioLevel(true, _sound!.Level(_position)).ToByte()]);
        }

        if (line.MidId is { } midId && _stats.Packets < PacketsWithMid)
        {
            writer.AddExtension(midId, _mid);
        }

        var header = writer.Finish();
        var length = WritePayload(line, redType is not null, timestamp, now, packet[header..]);
        _sequence++;
        _stats.OnPacket(timestamp, length, now);
        return header + length;
    }

    private int WritePayload(OfferedLine line, bool isRed, uint timestamp, TimeSpan now, Span<byte> payload)
    {
        var frame = _sound!.Payload(_position);
        var length = frame.Length;
        if (isRed)
        {
            length = _earlier!.Write(payload, line.OpusPayloadType, timestamp, frame);
        }
        else
        {
            frame.CopyTo(payload);
        }

        var present = payload.Slice(length - frame.Length, frame.Length);
        new SoundStamp(SoundStamp.ThisMachine, Speaker, now).Write(present);
        if (isRed && _copies == 0)
        {
            _earlier!.Keep(timestamp, present);
        }

        return length;
    }
}
