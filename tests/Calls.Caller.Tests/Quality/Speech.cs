using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using Calls.Caller.Opus;

namespace Calls.Caller.Tests.Quality;

/// <summary>Speech as espeak-ng makes it, at the rate at which callers speak.</summary>
internal static class Speech
{
    /// <summary>About twelve seconds; of many sounds, so that voiced and unvoiced ones and short pauses get lost alike.</summary>
    public const string Text =
        "The quick brown fox jumps over the lazy dog, while she sells sea shells by the sea shore. "
        + "Can you hear me now? I was on the train, and the line went dead in the tunnel. "
        + "Please call a taxi for half past seven, and ask them to wait in front of the house.";

    private const int HeaderLength = 44; // RIFF, one fmt chunk of 16 bytes, the head of the data chunk: what espeak-ng writes
    private const int Taps = 24; // to each side; the images that are left lie below what Opus hears

    /// <summary>Has the text spoken.</summary>
    /// <returns>48,000 samples a second, one channel.</returns>
    public static short[] Speak(string text = Text)
    {
        var start = new ProcessStartInfo("espeak-ng", ["-v", "en", "-s", "165", "--stdout", text])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var wave = new MemoryStream();
        try
        {
            using var process = Process.Start(start)!;
            process.StandardOutput.BaseStream.CopyTo(wave);
            process.WaitForExit();
            process.ExitCode.ShouldBe(0);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("espeak-ng is not on this machine (Debian's package espeak-ng).", e);
        }

        return Resample(Read(wave.ToArray(), out var rate), rate);
    }

    private static short[] Read(ReadOnlySpan<byte> wave, out int rate)
    {
        wave[..4].SequenceEqual("RIFF"u8).ShouldBeTrue();
        BinaryPrimitives.ReadInt16LittleEndian(wave[22..]).ShouldBe((short)1, "channels");
        BinaryPrimitives.ReadInt16LittleEndian(wave[34..]).ShouldBe((short)16, "bits");
        rate = BinaryPrimitives.ReadInt32LittleEndian(wave[24..]);
        var samples = new short[(wave.Length - HeaderLength) / 2];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(wave[(HeaderLength + (2 * i))..]);
        }

        return samples;
    }

    // Interpolates with a windowed sinc, upwards only.
    private static short[] Resample(short[] samples, int rate)
    {
        rate.ShouldBeLessThanOrEqualTo(OpusFormat.SampleRate);
        var result = new short[(int)((long)samples.Length * OpusFormat.SampleRate / rate)];
        for (var i = 0; i < result.Length; i++)
        {
            var at = (double)i * rate / OpusFormat.SampleRate;
            var sum = 0.0;
            for (var n = (int)at - Taps + 1; n <= (int)at + Taps; n++)
            {
                if (n >= 0 && n < samples.Length)
                {
                    sum += samples[n] * Sinc(at - n) * Window((at - n) / Taps);
                }
            }

            result[i] = (short)Math.Clamp(Math.Round(sum), short.MinValue, short.MaxValue);
        }

        return result;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static double Window(double x) => Math.Abs(x) >= 1 ? 0 : 0.5 + (0.5 * Math.Cos(Math.PI * x));
}
