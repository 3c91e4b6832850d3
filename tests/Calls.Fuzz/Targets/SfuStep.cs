namespace Calls.Fuzz.Targets;

/// <summary>What a hostile participant does in one step of a story.</summary>
internal enum SfuStep : byte
{
    /// <summary>RTP under its own keys, as it is.</summary>
    Rtp,

    /// <summary>RTP under its own keys, numbered as the next of its voice: it gets as far as its contents let it.</summary>
    OwnRtp,

    /// <summary>RTCP under its own keys.</summary>
    Rtcp,

    /// <summary>RTCP under its own keys, about the streams that it really gets.</summary>
    AimedRtcp,

    /// <summary>A datagram that is not protected, from where it is.</summary>
    Raw,

    /// <summary>A datagram from where nobody is.</summary>
    Stranger,

    /// <summary>A check under its own password, from where it is or from elsewhere.</summary>
    Check,

    /// <summary>Some milliseconds pass.</summary>
    Pause,

    /// <summary>It comes again with a new session, and its first answer is changed in a way that the bytes decide on.</summary>
    Rejoin,

    /// <summary>The call mutes or deafens it, or lets it speak and hear again.</summary>
    Voice,

    /// <summary>A TCP connection of its is gone.</summary>
    Lose,
}
