namespace Calls.Media.Sfu;

/// <summary>What the forwarding thread counts for one session. It alone writes; others read whenever they like, each figure for itself.</summary>
internal sealed class PeerCounters
{
    public long Received;
    public long Sent;

    /// <summary>How many reports were made about what the client sends.</summary>
    public long Reports;

    /// <summary>How many of the client's reports showed the round trip.</summary>
    public long RoundTrips;

    /// <summary>The share lost between the last two reports, 0 to 1; not a number before.</summary>
    public double Loss = double.NaN;

    /// <summary>Of the client's packets, in seconds; not a number before the first report.</summary>
    public double Jitter = double.NaN;

    /// <summary>To the client and back, in seconds; not a number as long as it is not known.</summary>
    public double RoundTrip = double.NaN;

    /// <summary>How loud the client is, and when that was, in ticks of the server's clock; −1 before the first level.</summary>
    public double Amplitude { get; set; }

    /// <inheritdoc cref="Amplitude"/>
    public long AmplitudeAt { get; set; } = -1;

    /// <summary>Whether it is speech.</summary>
    public bool IsSpeech { get; set; }

    /// <summary>How loud the client speaks now; 0 when it does not.</summary>
    public double Speech(TimeSpan now) => IsSpeech && IsFresh(now) ? Amplitude : 0;

    public SessionStats ToStats(TimeSpan now) =>
        new(
            Received,
            Sent,
            Known(Loss),
            Known(Jitter) * 1_000,
            Known(RoundTrip) * 1_000,
            AmplitudeAt < 0 ? null
                : IsFresh(now) ? Amplitude
                : 0
        );

    private static double? Known(double figure) => double.IsNaN(figure) ? null : figure;

    private bool IsFresh(TimeSpan now) => AmplitudeAt >= 0 && now.Ticks - AmplitudeAt <= SpeechLevel.Lifetime.Ticks;
}
