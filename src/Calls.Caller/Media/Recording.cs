using System.Collections.Concurrent;
using Calls.Caller.Opus;

namespace Calls.Caller.Media;

/// <summary>
/// Sound that was encoded once and is said over and over, by any number of callers at once: real Opus at the price of a copy.
/// </summary>
public sealed class Recording
{
    private static readonly ConcurrentDictionary<(double, OpusSettings), Lazy<Recording>> Tones = new();

    private readonly byte[] _bytes;
    private readonly Frame[] _frames;

    private Recording(double hertz, byte[] bytes, Frame[] frames)
    {
        Hertz = hertz;
        _bytes = bytes;
        _frames = frames;
    }

    /// <summary>The tone that is in it; 0 for other sound.</summary>
    public double Hertz { get; }

    /// <summary>How many frames of 20 ms it has, the silent ones included.</summary>
    public int Frames => _frames.Length;

    /// <summary>How many of them are sent.</summary>
    public int SpokenFrames => _frames.Count(frame => frame.Length > 0);

    /// <summary>A tone without a pause, as <see cref="ToneSource"/> makes it; kept for the next who wants it.</summary>
    /// <param name="hertz">The tone; whole numbers go round without a click.</param>
    /// <param name="settings">How it is encoded.</param>
    public static Recording OfTone(double hertz, OpusSettings? settings = null) =>
        Tones
            .GetOrAdd(
                (hertz, settings ?? new OpusSettings()),
                key => new Lazy<Recording>(() => MakeTone(key.Item1, key.Item2))
            )
            .Value;

    /// <summary>A tone in talk spurts with pauses between, as one half of a conversation; pauses are not sent (DTX).</summary>
    /// <param name="hertz">The tone.</param>
    /// <param name="pattern">When it speaks; begins with a talk spurt.</param>
    /// <param name="settings">How it is encoded.</param>
    public static Recording OfSpeech(double hertz, TalkPattern pattern, OpusSettings? settings = null)
    {
        using var encoder = new OpusEncoder((settings ?? new OpusSettings()) with { Dtx = true });
        var source = new ToneSource(hertz);
        var silence = new short[OpusFormat.FrameSamples];
        var writer = new Writer(encoder);
        foreach (var part in pattern.Parts)
        {
            for (var n = 0; n < part.Frames; n++)
            {
                writer.Add(part.IsSpoken ? source : null, silence);
            }
        }

        return writer.Finish(hertz);
    }

    /// <summary>Any sound, from its first sample on; what is left of a whole frame is filled with silence.</summary>
    /// <param name="samples">48,000 a second, one channel.</param>
    /// <param name="settings">How it is encoded.</param>
    public static Recording OfSamples(ReadOnlySpan<short> samples, OpusSettings? settings = null)
    {
        using var encoder = new OpusEncoder(settings ?? new OpusSettings());
        var frame = new short[OpusFormat.FrameSamples];
        var writer = new Writer(encoder);
        for (; !samples.IsEmpty; samples = samples[Math.Min(samples.Length, frame.Length)..])
        {
            Array.Clear(frame);
            samples[..Math.Min(samples.Length, frame.Length)].CopyTo(frame);
            writer.Add(null, frame);
        }

        return writer.Finish(0);
    }

    /// <summary>A frame's packet, with room for a stamp at its end; empty if it is not sent.</summary>
    internal ReadOnlySpan<byte> Payload(int frame) => _bytes.AsSpan(_frames[frame].Offset, _frames[frame].Length);

    /// <summary>How loud a frame is (RFC 6464).</summary>
    internal byte Level(int frame) => _frames[frame].Level;

    /// <summary>The first frame from this one on that is sent, counted on beyond the end; null if there is none.</summary>
    internal int? NextSpoken(int frame)
    {
        for (var n = 0; n < _frames.Length; n++)
        {
            if (_frames[(frame + n) % _frames.Length].Length > 0)
            {
                return frame + n;
            }
        }

        return null;
    }

    private static Recording MakeTone(double hertz, OpusSettings settings)
    {
        using var encoder = new OpusEncoder(settings);
        var source = new ToneSource(hertz);
        var silence = new short[OpusFormat.FrameSamples];

        // The first second is the encoder's own beginning; the second one fits to itself.
        var writer = new Writer(encoder);
        for (var n = 0; n < ToneFrames; n++)
        {
            writer.Add(source, silence);
        }

        writer.Clear();
        for (var n = 0; n < ToneFrames; n++)
        {
            writer.Add(source, silence);
        }

        return writer.Finish(hertz);
    }

    private const int ToneFrames = 50; // a second: whole periods of any whole frequency, and of the syllables

    private readonly record struct Frame(int Offset, int Length, byte Level);

    private sealed class Writer(OpusEncoder encoder)
    {
        private readonly short[] _samples = new short[OpusFormat.FrameSamples];
        private readonly byte[] _packet = new byte[OpusFormat.MaxPacketLength];
        private readonly byte[] _padded = new byte[OpusFormat.MaxPacketLength + SoundStamp.Overhead];
        private readonly List<byte> _bytes = [];
        private readonly List<Frame> _frames = [];

        public void Add(ToneSource? source, short[] background)
        {
            background.CopyTo(_samples, 0);
            source?.Fill(_samples);
            var length = encoder.Encode(_samples, _packet);
            var padded = length <= OpusEncoder.DtxLength ? 0 : SoundStamp.Pad(_packet.AsSpan(0, length), _padded);
            _frames.Add(new Frame(_bytes.Count, padded, Goertzel.Level(_samples)));
            _bytes.AddRange(_padded.AsSpan(0, padded));
        }

        public void Clear()
        {
            _bytes.Clear();
            _frames.Clear();
        }

        public Recording Finish(double hertz) => new(hertz, [.. _bytes], [.. _frames]);
    }
}
