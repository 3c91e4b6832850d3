using Calls.Caller.Opus;

namespace Calls.Caller.Media;

/// <summary>When a person speaks and when they do not, as in ITU-T P.59: talk spurts of 1.0 s and pauses of 1.6 s in the mean, either of exponential length.</summary>
public sealed class TalkPattern
{
    private const double MeanSpurt = 1.004; // seconds, P.59 table 1
    private const double MeanPause = 1.587;

    // Shorter ones are no words, longer ones would leave a caller unheard for most of a short call.
    private static readonly (double Least, double Most) SpurtRange = (0.3, 3);
    private static readonly (double Least, double Most) PauseRange = (0.4, 4);

    private TalkPattern(IReadOnlyList<TalkPart> parts) => Parts = parts;

    /// <summary>Spurts and pauses in turn; the first is a spurt, the last a pause.</summary>
    public IReadOnlyList<TalkPart> Parts { get; }

    /// <summary>Makes one by chance.</summary>
    /// <param name="random">The same seed gives the same pattern.</param>
    /// <param name="length">About how long it is until it begins anew.</param>
    public static TalkPattern Create(Random random, TimeSpan length)
    {
        var parts = new List<TalkPart>();
        for (var left = FramesOf(length.TotalSeconds); left > 0; )
        {
            var spurt = FramesOf(Length(random, MeanSpurt, SpurtRange));
            var pause = FramesOf(Length(random, MeanPause, PauseRange));
            parts.Add(new TalkPart(true, spurt));
            parts.Add(new TalkPart(false, pause));
            left -= spurt + pause;
        }

        return new TalkPattern(parts);
    }

    private static double Length(Random random, double mean, (double Least, double Most) range) =>
        Math.Clamp(-mean * Math.Log(1 - random.NextDouble()), range.Least, range.Most);

    private static int FramesOf(double seconds) =>
        Math.Max(1, (int)Math.Round(seconds / OpusFormat.FrameDuration.TotalSeconds));
}

/// <summary>A talk spurt or a pause.</summary>
/// <param name="IsSpoken">Which of them.</param>
/// <param name="Frames">How many frames of 20 ms.</param>
public readonly record struct TalkPart(bool IsSpoken, int Frames);
