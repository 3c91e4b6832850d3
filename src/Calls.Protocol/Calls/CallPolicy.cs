namespace Calls.Protocol;

/// <summary>The limits a call lives under. Times are by the server's clock.</summary>
public sealed record CallPolicy
{
    /// <summary>How long a ring lasts: long enough to find the phone, short enough not to be a nuisance.</summary>
    public TimeSpan RingTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a participant whose WebSocket and media are both gone may take to come back.</summary>
    public TimeSpan ReconnectGrace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one may stay alone in a group call before being let go.</summary>
    public TimeSpan AloneTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long an ended call is still shown by <c>call_get</c>.</summary>
    public TimeSpan EndedReadable { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most starts within a minute by one user, in one channel and, in direct channels, at one target.</summary>
    public int StartsPerMinute { get; init; } = 5;

    /// <summary>Most participants of one call; each of 25 hears 24 others at about 40 kbit/s.</summary>
    public int MaxParticipants { get; init; } = 25;
}
