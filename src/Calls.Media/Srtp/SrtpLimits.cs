namespace Calls.Media.Srtp;

/// <summary>What bounds the memory and the work that a peer can cause.</summary>
public static class SrtpLimits
{
    /// <summary>Longest packet that is taken, in bytes: above any path's MTU short of jumbo frames, and it fits the stack.</summary>
    public const int MaxPacketLength = 2048;

    /// <summary>Longest RTCP packet that is taken, in bytes.</summary>
    public const int MaxRtcpLength = MaxPacketLength;

    /// <summary>
    /// Most SSRCs of one sender that are remembered, for RTP and for RTCP each: microphone, camera and screen in three layers with
    /// retransmissions are 14; the rest is for streams that begin anew. Further ones are refused, as forgetting one would allow its replay.
    /// </summary>
    public const int MaxSources = 64;

    /// <summary>Packets behind the newest one that are still told apart from replays (RFC 3711 §3.3.2 asks for at least 64); at 50 a second 2.5 s.</summary>
    public const int ReplayWindow = 128;
}
