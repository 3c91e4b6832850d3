using Calls.Caller.Opus;
using Calls.Caller.Sdp;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;

namespace Calls.Caller.Media;

/// <summary>The outgoing stream: frames of a tone, or none, as RTP packets.</summary>
internal sealed class Microphone : IDisposable
{
    // Frames that are made up for at once after the caller stood still; more would be a burst that no client sends.
    private const int MaxBehind = 5;

    // The MID is needed until the server knows the SSRC (RFC 8843 §9.2): for the first second.
    private const int PacketsWithMid = 50;

    private readonly OpusEncoder _encoder;
    private readonly short[] _frame = new short[OpusFormat.FrameSamples];
    private ToneSource? _tone;
    private ushort _sequence;
    private uint _timestamp;
    private TimeSpan? _due;
    private SenderStats _stats = new(OpusFormat.SampleRate);

    public Microphone(OpusSettings settings, uint ssrc, ushort firstSequence, uint firstTimestamp)
    {
        _encoder = new OpusEncoder(settings);
        Ssrc = ssrc;
        _sequence = (ushort)(firstSequence & 0x7FFF); // RFC 3711 §3.3.1: far from the first roll-over
        _timestamp = firstTimestamp;
    }

    public uint Ssrc { get; }

    public SenderStats Stats => _stats;

    /// <summary>When the next frame is to be made.</summary>
    public TimeSpan? Due => _due;

    public void Start(TimeSpan now) => _due ??= now;

    /// <summary>What is said from now on; null is silence, which sends nothing at all.</summary>
    public void Say(double? hertz) => _tone = hertz is { } h ? new ToneSource(h) : null;

    /// <summary>Writes the next packet that is due. False when none is, or its frame is silence.</summary>
    public bool TryMake(OfferedLine line, TimeSpan now, Span<byte> packet, out int length)
    {
        length = 0;
        while (_due is { } due && due <= now)
        {
            var behind = now - due;
            _due = due + OpusFormat.FrameDuration;
            _timestamp += OpusFormat.FrameSamples;
            if (behind > MaxBehind * OpusFormat.FrameDuration || _tone is null)
            {
                continue;
            }

            _tone.Fill(_frame);
            length = Write(line, now, packet);
            if (length > 0)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _encoder.Dispose();

    private int Write(OfferedLine line, TimeSpan now, Span<byte> packet)
    {
        var isFirst = _stats.Packets == 0;
        var writer = new RtpHeaderWriter(packet, line.OpusPayloadType, isFirst, _sequence, _timestamp, Ssrc);
        if (line.AudioLevelId is { } levelId)
        {
            writer.AddExtension(levelId, [new AudioLevel(true, Level(_frame)).ToByte()]);
        }

        if (line.MidId is { } midId && _stats.Packets < PacketsWithMid)
        {
            writer.AddExtension(midId, System.Text.Encoding.ASCII.GetBytes(line.Mid));
        }

        var header = writer.Finish();
        var payload = _encoder.Encode(_frame, packet.Slice(header, OpusFormat.MaxPacketLength));
        if (payload <= OpusEncoder.DtxLength)
        {
            return 0;
        }

        _sequence++;
        _stats.OnPacket(_timestamp, payload, now);
        return header + payload;
    }

    // RFC 6465 §3: decibels below the loudest possible.
    private static byte Level(ReadOnlySpan<short> frame)
    {
        var loudness = Goertzel.Loudness(frame) / 32_768;
        return loudness <= 0 ? AudioLevel.Silence : (byte)Math.Clamp(-20 * Math.Log10(loudness), 0, AudioLevel.Silence);
    }
}
