using Calls.Caller.Opus;

namespace Calls.Caller.Media;

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

    private readonly short[] _filling = new short[WindowSamples];
    private short[] _window = [];
    private int _filled;
    private TimeSpan _windowAt;

    /// <summary>When something audible was heard last; null if never.</summary>
    public TimeSpan? AudibleAt { get; private set; }

    /// <summary>Whether what was heard just now is mainly this tone.</summary>
    public bool Hears(double hertz, TimeSpan now) =>
        now - _windowAt < Memory
        && Goertzel.Loudness(_window) >= AudibleLoudness
        && Goertzel.Share(_window, hertz, OpusFormat.SampleRate) >= ToneShare;

    /// <summary>Takes samples; true if a window was completed.</summary>
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
                _window = [.. _filling];
                _windowAt = now;
                AudibleAt = Goertzel.Loudness(_window) >= AudibleLoudness ? now : AudibleAt;
            }
        }

        return completed;
    }
}
