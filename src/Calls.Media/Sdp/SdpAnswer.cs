using Calls.Media.Dtls;

namespace Calls.Media.Sdp;

/// <summary>What an answer says, as far as an SFU cares; <see cref="SdpParser"/> reads it.</summary>
/// <param name="Fingerprint">The client's certificate.</param>
/// <param name="Lines">The m-lines in their order.</param>
public sealed record SdpAnswer(DtlsFingerprint Fingerprint, IReadOnlyList<SdpAnswerLine> Lines);

/// <summary>One m-line of an answer.</summary>
public sealed record SdpAnswerLine
{
    /// <summary><c>audio</c> or <c>video</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The <c>a=mid</c>.</summary>
    public required string Mid { get; init; }

    /// <summary>Port 0: the client will have nothing to do with this line (RFC 3264 section 6).</summary>
    public required bool Rejected { get; init; }

    /// <summary>From the client's side.</summary>
    public required SdpDirection Direction { get; init; }

    /// <summary>The codecs in the client's order of preference.</summary>
    public required IReadOnlyList<SdpCodec> Codecs { get; init; }

    /// <summary>Header-extension ids by their URI.</summary>
    public required IReadOnlyDictionary<string, int> Extensions { get; init; }

    /// <summary>The SSRCs that the client says it will send with.</summary>
    public required IReadOnlyList<uint> Ssrcs { get; init; }

    /// <summary>The ways of feedback, each with the payload type that it is for; −1 for all.</summary>
    public required IReadOnlyList<(int PayloadType, string Kind)> Feedback { get; init; }

    /// <summary>Whether the client takes feedback without a report before it (RFC 5506).</summary>
    public required bool TakesReducedSize { get; init; }

    /// <summary>Whether the client means to send here.</summary>
    public bool Sends => !Rejected && Direction is SdpDirection.SendOnly or SdpDirection.SendRecv;

    /// <summary>Whether the client means to receive here.</summary>
    public bool Receives => !Rejected && Direction is SdpDirection.RecvOnly or SdpDirection.SendRecv;

    /// <summary>Whether a way of feedback was agreed on for a payload type.</summary>
    public bool HasFeedback(byte type, string kind)
    {
        foreach (var (payloadType, its) in Feedback)
        {
            if ((payloadType == type || payloadType < 0) && its == kind)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The payload type of a codec, or null.</summary>
    public byte? Find(string name, int clock)
    {
        foreach (var codec in Codecs)
        {
            if (codec.Clock == clock && codec.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return codec.PayloadType;
            }
        }
        return null;
    }
}

/// <summary>One <c>a=rtpmap</c>.</summary>
public sealed record SdpCodec(byte PayloadType, string Name, int Clock);
