namespace Calls.Media.Sfu;

/// <summary>What the forwarding thread counts over all sessions: plain numbers that it alone writes, an increment each. Others read whenever they like, each figure for itself.</summary>
internal sealed class ForwardingCounters
{
    /// <summary>RTP packets of clients that were authentic.</summary>
    public long Received;

    /// <summary>RTP packets that were put into the outbox, one per receiver.</summary>
    public long Forwarded;

    /// <summary>RTP packets that went to a receiver once more, because it asked.</summary>
    public long Resent;

    /// <summary>Packets that senders were asked for again.</summary>
    public long Requested;

    /// <summary>Datagrams that are nothing we know, or come from where no session has shown itself.</summary>
    public long FromUnknown;

    /// <summary>SRTP and SRTCP that the keys refuse: forged, repeated, or before there were keys.</summary>
    public long Unauthentic;

    /// <summary>Authentic packets that were not forwarded after a standstill, before it was known whose the session is.</summary>
    public long Held;

    /// <summary>Authentic packets of a stream that was not agreed on.</summary>
    public long Unexpected;

    /// <summary>Authentic packets beyond what one session may send (<see cref="SendCeiling"/>).</summary>
    public long Excessive;
}
