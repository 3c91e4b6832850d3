using Calls.Caller.Opus;

namespace Calls.Caller.Tests.Quality;

/// <summary>How near a heard sound is to the one that was said.</summary>
/// <param name="SegmentalSnr">
/// The signal-to-noise ratio of each 20 ms in which something is said, from −10 to 35 dB, in the mean: higher is better. It follows the wave
/// itself, so that every codec has a few decibels only, and holes show at once.
/// </param>
/// <param name="SpectralDistance">
/// The distance of the logarithmic spectra in critical bands, in dB, over the same pieces, in the mean: lower is better. It follows what the
/// ear follows.
/// </param>
internal readonly record struct SoundQuality(double SegmentalSnr, double SpectralDistance)
{
    private const int Segment = OpusFormat.FrameSamples;
    private const int Window = 1_024; // 21 ms
    private const int Coarse = 8; // samples that are taken together to find the delay
    private const int Enough = 4 * OpusFormat.SampleRate; // samples that tell the delay
    private const double Floor = 40; // dB below a window's loudest band: what lies below is not heard beside it
    private const double Silence = 45; // dB below the loudest piece: nothing is said

    private static readonly double[] Hann =
    [
        .. Enumerable.Range(0, Window).Select(n => 0.5 - (0.5 * Math.Cos(2 * Math.PI * n / Window))),
    ];

    // Zwicker's critical bands up to 8 kHz, which is where espeak-ng's speech ends.
    private static readonly int[] BandEdges =
    [
        100,
        200,
        300,
        400,
        510,
        630,
        770,
        920,
        1_080,
        1_270,
        1_480,
        1_720,
        2_000,
        2_320,
        2_700,
        3_150,
        3_700,
        4_400,
        5_300,
        6_400,
        7_700,
    ];

    /// <summary>Compares them, after a search for how much later the heard one is.</summary>
    /// <param name="said">What was said.</param>
    /// <param name="heard">What was heard: the same, up to half a second earlier or later, and as long or longer.</param>
    public static SoundQuality Of(short[] said, short[] heard)
    {
        var delay = FindDelay(said, heard);
        var loudest = Segments(said).Max(at => Energy(said.AsSpan(at, Segment)));
        var (snr, distance, count) = (0.0, 0.0, 0);
        var shifted = new short[Window];
        foreach (var at in Segments(said))
        {
            if (Energy(said.AsSpan(at, Segment)) < loudest * Math.Pow(10, -Silence / 10))
            {
                continue;
            }

            Shift(heard, at + delay, shifted);
            snr += Snr(said.AsSpan(at, Segment), shifted);
            distance += Distance(said.AsSpan(at, Window), shifted);
            count++;
        }

        return new SoundQuality(snr / count, distance / count);
    }

    public override string ToString() => $"{SegmentalSnr, 6:F2} dB {SpectralDistance, 6:F2} dB";

    private static IEnumerable<int> Segments(short[] said)
    {
        for (var at = 0; at + Window <= said.Length; at += Segment)
        {
            yield return at;
        }
    }

    // Where the correlation is highest: first in steps of some samples, then to the sample.
    private static int FindDelay(short[] said, short[] heard)
    {
        var (coarseSaid, coarseHeard) = (Thin(said), Thin(heard));
        const int most = OpusFormat.SampleRate / 2 / Coarse;
        var coarse = Best(coarseSaid, coarseHeard, Coarse, -most, most) * Coarse;
        var (fineSaid, fineHeard) = (said.Select(s => (double)s).ToArray(), heard.Select(s => (double)s).ToArray());
        return Best(fineSaid, fineHeard, 1, coarse - Coarse, coarse + Coarse);
    }

    private static double[] Thin(short[] samples) => [.. samples.Chunk(Coarse).Select(chunk => chunk.Average(s => s))];

    private static int Best(double[] said, double[] heard, int step, int from, int to)
    {
        var (best, highest) = (from, double.MinValue);
        for (var delay = from; delay <= to; delay++)
        {
            var sum = 0.0;
            var end = Math.Min(Math.Min(said.Length, Enough / step), heard.Length - delay);
            for (var i = Math.Max(0, -delay); i < end; i++)
            {
                sum += said[i] * heard[i + delay];
            }

            (best, highest) = sum > highest ? (delay, sum) : (best, highest);
        }

        return best;
    }

    private static void Shift(short[] heard, int from, short[] window)
    {
        for (var i = 0; i < window.Length; i++)
        {
            window[i] = from + i >= 0 && from + i < heard.Length ? heard[from + i] : (short)0;
        }
    }

    private static double Energy(ReadOnlySpan<short> samples)
    {
        var sum = 0.0;
        foreach (var sample in samples)
        {
            sum += (double)sample * sample;
        }

        return sum;
    }

    private static double Snr(ReadOnlySpan<short> said, ReadOnlySpan<short> heard)
    {
        var noise = 1.0;
        for (var i = 0; i < said.Length; i++)
        {
            noise += Math.Pow(said[i] - heard[i], 2);
        }

        return Math.Clamp(10 * Math.Log10(Energy(said) / noise), -10, 35);
    }

    private static double Distance(ReadOnlySpan<short> said, ReadOnlySpan<short> heard)
    {
        Span<double> one = stackalloc double[BandEdges.Length - 1];
        Span<double> other = stackalloc double[BandEdges.Length - 1];
        Bands(said, one);
        Bands(heard, other);
        var floor = 1.0;
        foreach (var band in one)
        {
            floor = Math.Max(floor, band * Math.Pow(10, -Floor / 10));
        }

        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += Math.Pow(10 * Math.Log10((one[i] + floor) / (other[i] + floor)), 2);
        }

        return Math.Sqrt(sum / one.Length);
    }

    private static void Bands(ReadOnlySpan<short> samples, Span<double> bands)
    {
        var (real, imaginary) = (new double[Window], new double[Window]);
        for (var i = 0; i < Window; i++)
        {
            real[i] = samples[i] * Hann[i];
        }

        Transform(real, imaginary);
        bands.Clear();
        for (var (bin, band) = (1, 0); band < bands.Length; bin++)
        {
            var hertz = (double)bin * OpusFormat.SampleRate / Window;
            while (band < bands.Length && hertz >= BandEdges[band + 1])
            {
                band++;
            }

            if (band < bands.Length && hertz >= BandEdges[band])
            {
                bands[band] += (real[bin] * real[bin]) + (imaginary[bin] * imaginary[bin]);
            }
        }
    }

    // The fast Fourier transform of Cooley and Tukey, in place, of a power of two.
    private static void Transform(double[] real, double[] imaginary)
    {
        for (int i = 1, j = 0; i < real.Length; i++)
        {
            var bit = real.Length >> 1;
            for (; (j & bit) != 0; bit >>= 1)
            {
                j ^= bit;
            }

            j |= bit;
            if (i < j)
            {
                (real[i], real[j]) = (real[j], real[i]);
                (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
            }
        }

        for (var length = 2; length <= real.Length; length <<= 1)
        {
            for (var start = 0; start < real.Length; start += length)
            {
                for (var k = 0; k < length / 2; k++)
                {
                    var (sine, cosine) = Math.SinCos(-2 * Math.PI * k / length);
                    var (low, high) = (start + k, start + k + (length / 2));
                    var (re, im) = (
                        (real[high] * cosine) - (imaginary[high] * sine),
                        (real[high] * sine) + (imaginary[high] * cosine)
                    );
                    (real[high], imaginary[high]) = (real[low] - re, imaginary[low] - im);
                    (real[low], imaginary[low]) = (real[low] + re, imaginary[low] + im);
                }
            }
        }
    }
}
