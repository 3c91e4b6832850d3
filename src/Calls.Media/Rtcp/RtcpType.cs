namespace Calls.Media.Rtcp;

/// <summary>What an RTCP packet is (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611).</summary>
public enum RtcpType : byte
{
    None = 0,
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Bye = 203,
    Application = 204,
    TransportFeedback = 205,
    PayloadFeedback = 206,
    ExtendedReport = 207,
}

/// <summary>What a feedback packet asks for or tells.</summary>
public enum FeedbackKind
{
    /// <summary>None that is known here.</summary>
    Other,

    /// <summary>Packets are missing (RFC 4585 §6.2.1).</summary>
    Nack,

    /// <summary>When packets arrived, for bandwidth estimation (transport-wide congestion control).</summary>
    TransportWide,

    /// <summary>A picture is lost: a keyframe, please (RFC 4585 §6.3.1).</summary>
    PictureLoss,

    /// <summary>A keyframe, please (RFC 5104 §4.3.1).</summary>
    FullIntraRequest,

    /// <summary>The receiver's estimated bandwidth (REMB).</summary>
    ReceiverBandwidth,
}
