using Calls.Caller.Opus;

namespace Calls.Caller.Media;

/// <summary>What a window of sound was.</summary>
internal enum HeardSound
{
    Silence,

    /// <summary>The tone that was to come.</summary>
    Right,

    /// <summary>Another one of the tones that there are.</summary>
    Wrong,

    /// <summary>Loud enough to be heard, and nobody's tone.</summary>
    Unclear,
}

/// <summary>Listens to one decoded stream in windows of 100 ms, which tell tones 10 Hz apart.</summary>
internal sealed class Ear
{
    /// <summary>Samples of a window.</summary>
    public const int WindowSamples = OpusFormat.SampleRate / 10;

    /// <summary>How long a window counts as just now: longer than any pause that the network makes in a test.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(1);

    /// <summary>The least loudness that counts as sound; comfort noise and a codec's remains lie below.</summary>
    public const double AudibleLoudness = 200;

    /// <summary>The least share of a window's energy that makes it that tone.</summary>
    public const double ToneShare = 0.5;

    private short[] _filling = new short[WindowSamples];
    private short[] _window = new short[WindowSamples];
    private int _filled;
    private TimeSpan? _windowAt;

    /// <summary>When something audible was heard last; null if never.</summary>
    public TimeSpan? AudibleAt { get; private set; }

    /// <summary>Whether what was heard just now is mainly this tone.</summary>
    public bool Hears(double hertz, TimeSpan now) =>
        now - _windowAt < Memory && Goertzel.Loudness(_window) >= AudibleLoudness && IsMainly(hertz);

    /// <summary>What the latest window was.</summary>
    /// <param name="expected">The tone that was to come.</param>
    /// <param name="others">The tones that there are.</param>
    public HeardSound Judge(double expected, ReadOnlySpan<double> others)
    {
        if (Goertzel.Loudness(_window) < AudibleLoudness)
        {
            return HeardSound.Silence;
        }

        if (IsMainly(expected))
        {
            return HeardSound.Right;
        }

        foreach (var other in others)
        {
            if (other != expected && IsMainly(other))
            {
                return HeardSound.Wrong;
            }
        }

        return HeardSound.Unclear;
    }

    /// <summary>Takes samples, at most a window of them; true if a window was completed.</summary>
    public bool Listen(ReadOnlySpan<short> samples, TimeSpan now)
    {
        var completed = false;
        while (!samples.IsEmpty)
        {
            var count = Math.Min(samples.Length, WindowSamples - _filled);
            samples[..count].CopyTo(_filling.AsSpan(_filled));
            samples = samples[count..];
            _filled += count;
            if (_filled == WindowSamples)
            {
                _filled = 0;
                completed = true;
                (_window, _filling) = (_filling, _window);
                _windowAt = now;
                AudibleAt = Goertzel.Loudness(_window) >= AudibleLoudness ? now : AudibleAt;
            }
        }

        return completed;
    }

    private bool IsMainly(double hertz) => Goertzel.Share(_window, hertz, OpusFormat.SampleRate) >= ToneShare;
}
