namespace Calls.Caller.Opus;

/// <summary>The one form of audio that a caller makes and hears: 48 kHz, one channel, frames of 20 ms.</summary>
public static class OpusFormat
{
    /// <summary>Samples a second; also the unit of RTP timestamps (RFC 7587 §4.1).</summary>
    public const int SampleRate = 48_000;

    /// <summary>Samples of a frame.</summary>
    public const int FrameSamples = 960;

    /// <summary>Longest packet that is made, in bytes (RFC 6716 §3.4: one frame has at most 1275).</summary>
    public const int MaxPacketLength = 1276;

    /// <summary>Most samples that one packet can hold: 120 ms.</summary>
    public const int MaxPacketSamples = 5_760;

    /// <summary>How long a frame lasts.</summary>
    public static readonly TimeSpan FrameDuration = TimeSpan.FromMilliseconds(20);
}

/// <summary>How the encoder is set.</summary>
public sealed record OpusSettings
{
    /// <summary>Bits a second.</summary>
    public int Bitrate { get; init; } = 32_000;

    /// <summary>0 to 10: how hard it tries. 5 is what browsers use on phones.</summary>
    public int Complexity { get; init; } = 5;

    /// <summary>Whether packets carry a coarse copy of the frame before (in-band FEC).</summary>
    public bool ForwardErrorCorrection { get; init; } = true;

    /// <summary>The loss that it prepares for, in percent; without any there is no FEC.</summary>
    public int ExpectedLossPercent { get; init; } = 10;

    /// <summary>Whether nothing is sent while nobody speaks.</summary>
    public bool Dtx { get; init; } = true;
}
