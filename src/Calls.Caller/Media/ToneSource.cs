using Calls.Caller.Opus;

namespace Calls.Caller.Media;

/// <summary>A tone that swells and fades as syllables do, so that whoever hears it knows who speaks. A steady one would be taken for background noise by Opus after a few seconds, and not be sent (DTX).</summary>
public sealed class ToneSource(double hertz)
{
    // A quarter of full scale: loud enough to stand out, low enough that a codec does not clip it.
    private const double Amplitude = 8_192;

    private const double SyllablesPerSecond = 5;
    private const double Depth = 0.7; // of the amplitude; all of it would leave moments without any tone

    private long _sample;

    /// <summary>The frequency.</summary>
    public double Hertz { get; } = hertz;

    /// <summary>Fills the next frame.</summary>
    public void Fill(Span<short> frame)
    {
        for (var i = 0; i < frame.Length; i++, _sample++)
        {
            var time = (double)_sample / OpusFormat.SampleRate;
            var swell = 1 - (Depth / 2 * (1 + Math.Cos(2 * Math.PI * SyllablesPerSecond * time)));
            frame[i] = (short)(Amplitude * swell * Math.Sin(2 * Math.PI * Hertz * time));
        }
    }
}
