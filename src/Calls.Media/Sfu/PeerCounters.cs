namespace Calls.Media.Sfu;

/// <summary>What the forwarding thread counts for one session. It alone writes; others read whenever they like, each figure for itself.</summary>
internal sealed class PeerCounters
{
    public long Received;
    public long Sent;

    /// <summary>The share lost between the last two reports; null before.</summary>
    public double? Loss { get; set; }

    /// <summary>Of the client's packets.</summary>
    public TimeSpan? Jitter { get; set; }

    /// <summary>To the client and back.</summary>
    public TimeSpan? RoundTrip { get; set; }

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
            Loss,
            Jitter?.TotalMilliseconds,
            RoundTrip?.TotalMilliseconds,
            AmplitudeAt < 0 ? null
                : IsFresh(now) ? Amplitude
                : 0
        );

    private bool IsFresh(TimeSpan now) => AmplitudeAt >= 0 && now.Ticks - AmplitudeAt <= SpeechLevel.Lifetime.Ticks;
}
