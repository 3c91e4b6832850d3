namespace Calls.Caller.Media;

/// <summary>What is known of one remote track.</summary>
/// <param name="Track">Whose it is.</param>
/// <param name="Received">Packets that came.</param>
/// <param name="Lost">Packets that did not, by the holes in their numbers, and not when asked for again either.</param>
/// <param name="Jitter">The interarrival jitter (RFC 3550 §6.4.1).</param>
/// <param name="Sound">What was in them.</param>
/// <param name="Delay">How long the packets took from the speaker's socket to the listener's; empty where the speaker is on another machine, or no caller of this kind. Goes on counting.</param>
/// <param name="FirstAt">When the first packet came, by <see cref="CallerLoop.Now"/>; null if none has.</param>
public sealed record TrackReport(
    OfferedTrack Track,
    long Received,
    long Lost,
    TimeSpan Jitter,
    SoundCounts Sound,
    Histogram Delay,
    TimeSpan? FirstAt
)
{
    /// <summary>What was done about loss.</summary>
    public RecoveryCounts Recovery { get; init; }

    /// <summary>Packets that did not come when they were sent first: lost, or held up until they had been asked for.</summary>
    public long LostBeforeRecovery => Lost + Recovery.Retransmitted;

    /// <summary>Packets that Opus could not have made.</summary>
    public int Undecodable => Sound.Undecodable;

    /// <summary>Windows that must have been heard before a tone is missed: half a second, of which a hole in the sound spoils no more than two.</summary>
    public const int LeastWindows = 5;

    /// <summary>Whether the tone was heard that is this user's; null if nobody listened, or too little was there to be heard.</summary>
    public bool? ToneFound =>
        Sound.RightWindows > 0 ? true
        : Sound.WrongWindows + Sound.UnclearWindows >= LeastWindows ? false
        : null;

    /// <summary>Whether somebody else was heard: by the stamp in a packet, or by a tone that is another's.</summary>
    public bool WrongSound => Sound.OthersPackets > 0 || Sound.WrongWindows > 0;
}

/// <summary>What was in the packets of a track. Windows are 100 ms of decoded sound, and are counted where tones are known and listened for.</summary>
public record struct SoundCounts
{
    /// <summary>Windows with the user's own tone.</summary>
    public int RightWindows { get; set; }

    /// <summary>Windows with another one's tone.</summary>
    public int WrongWindows { get; set; }

    /// <summary>Windows with sound that is nobody's tone; the first of a row is not counted, as a spurt's edge looks the same.</summary>
    public int UnclearWindows { get; set; }

    /// <summary>Packets whose stamp names another speaker.</summary>
    public long OthersPackets { get; set; }

    /// <summary>Packets without a stamp: of a browser, say.</summary>
    public long Unstamped { get; set; }

    /// <summary>Packets that Opus could not have made.</summary>
    public int Undecodable { get; set; }
}

/// <summary>What was done about packets of a track that were missing. Frames are counted where sound is listened to.</summary>
public record struct RecoveryCounts
{
    /// <summary>Packets that came after they had been asked for.</summary>
    public long Retransmitted { get; set; }

    /// <summary>Frames that were heard from the copy in a later packet (RFC 2198).</summary>
    public int FromRedundancy { get; set; }

    /// <summary>Frames that were heard from the coarse copy within the next one (RFC 6716 §2.1.7).</summary>
    public int FromForwardErrorCorrection { get; set; }

    /// <summary>Frames that were made up from what was before them.</summary>
    public int Concealed { get; set; }

    /// <summary>Packets that came when their moment to be played had passed.</summary>
    public int TooLate { get; set; }
}
