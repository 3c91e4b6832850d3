using System.Runtime.InteropServices;
using Calls.Media.Rtp;

namespace Calls.Media.Sfu;

/// <summary>How loud somebody is and whether that is speech, from the levels that their packets tell (RFC 6464). One packet is 20 ms, less than a syllable: so it is smoothed, and it takes more to begin speaking than to go on.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SpeechLevel
{
    private const double SmoothingMs = 100; // a syllable
    private const double BeginsAt = 0.008; // −42 dBov: a voice at a microphone, not the room around it
    private const double EndsAt = 0.003; // −50 dBov

    /// <summary>A level older than this is of somebody who has stopped: browsers send 50 packets a second, and with DTX in silence at least one in 400 ms.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(500);

    private static readonly double[] Amplitudes = MakeAmplitudes();

    private TimeSpan _at;

    /// <summary>0 to 1, as of the latest packet.</summary>
    public double Amplitude { get; private set; }

    /// <summary>As of the latest packet.</summary>
    public bool IsSpeech { get; private set; }

    /// <summary>A packet came.</summary>
    public void OnPacket(AudioLevel level, TimeSpan now)
    {
        var passed = Math.Max(0, (now - _at).TotalMilliseconds);
        _at = now;
        Amplitude += (Amplitudes[level.Level] - Amplitude) * (1 - Math.Exp(-passed / SmoothingMs));
        IsSpeech = Amplitude > (IsSpeech ? EndsAt : BeginsAt);
    }

    /// <summary>Nothing is heard of them.</summary>
    public void Hush()
    {
        Amplitude = 0;
        IsSpeech = false;
    }

    private static double[] MakeAmplitudes()
    {
        var table = new double[AudioLevel.Silence + 1];
        for (var level = 0; level < AudioLevel.Silence; level++)
        {
            table[level] = Math.Pow(10, -level / 20.0);
        }
        return table;
    }
}
