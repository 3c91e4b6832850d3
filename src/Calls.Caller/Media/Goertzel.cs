using Calls.Media.Rtp;

namespace Calls.Caller.Media;

/// <summary>How much of a sound is one tone (Goertzel's algorithm: one bin of a Fourier transform).</summary>
public static class Goertzel
{
    /// <summary>The share of the samples' energy that lies at a frequency: near 1 for that tone alone, near 0 for others. 0 for silence.</summary>
    public static double Share(ReadOnlySpan<short> samples, double hertz, int sampleRate)
    {
        var coefficient = 2 * Math.Cos(2 * Math.PI * hertz / sampleRate);
        double previous = 0;
        double beforePrevious = 0;
        double energy = 0;
        foreach (var sample in samples)
        {
            var current = sample + (coefficient * previous) - beforePrevious;
            beforePrevious = previous;
            previous = current;
            energy += (double)sample * sample;
        }

        var power =
            (previous * previous) + (beforePrevious * beforePrevious) - (coefficient * previous * beforePrevious);
        return energy == 0 ? 0 : 2 * power / (samples.Length * energy);
    }

    /// <summary>The root of the samples' mean square: how loud they are, of 32,768.</summary>
    public static double Loudness(ReadOnlySpan<short> samples)
    {
        double energy = 0;
        foreach (var sample in samples)
        {
            energy += (double)sample * sample;
        }

        return samples.IsEmpty ? 0 : Math.Sqrt(energy / samples.Length);
    }

    /// <summary>The loudness as the audio level extension has it: decibels below the loudest possible (RFC 6464 §3).</summary>
    internal static byte Level(ReadOnlySpan<short> samples)
    {
        var loudness = Loudness(samples) / 32_768;
        return loudness <= 0 ? AudioLevel.Silence : (byte)Math.Clamp(-20 * Math.Log10(loudness), 0, AudioLevel.Silence);
    }
}
