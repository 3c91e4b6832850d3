using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>One packet of a compound (RFC 3550 §6.1): its kind and its words, without header and padding.</summary>
public readonly ref struct RtcpPacket
{
    internal RtcpPacket(RtcpType type, int count, ReadOnlySpan<byte> body)
    {
        Type = type;
        Count = count;
        Body = body;
    }

    /// <summary>What it is.</summary>
    public RtcpType Type { get; }

    /// <summary>The header's five bits: how many reports or sources, or the feedback's format.</summary>
    public int Count { get; }

    /// <summary>What follows the first word.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The SSRC that begins every kind but an empty BYE or source description; 0 there.</summary>
    public uint Ssrc => Body.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(Body);

    /// <summary>The report blocks of a sender or receiver report; as many as are there, whatever the header counts.</summary>
    public ReportBlocks ReportBlocks =>
        Type switch
        {
            RtcpType.SenderReport => new ReportBlocks(Body, SenderReport.Length, Count),
            RtcpType.ReceiverReport => new ReportBlocks(Body, 4, Count),
            _ => default,
        };

    /// <summary>The part of a sender report that tells of the sender itself.</summary>
    public bool TryReadSenderReport(out SenderReport report)
    {
        report = default;
        return Type == RtcpType.SenderReport && SenderReport.TryRead(Body, out report);
    }

    /// <summary>What a feedback packet is about.</summary>
    public FeedbackKind Feedback =>
        (Type, Count) switch
        {
            _ when Body.Length < 8 => FeedbackKind.Other,
            (RtcpType.TransportFeedback, 1) => FeedbackKind.Nack,
            (RtcpType.TransportFeedback, 15) => FeedbackKind.TransportWide,
            (RtcpType.PayloadFeedback, 1) => FeedbackKind.PictureLoss,
            (RtcpType.PayloadFeedback, 4) => FeedbackKind.FullIntraRequest,
            (RtcpType.PayloadFeedback, 15) when Body[8..].StartsWith("REMB"u8) => FeedbackKind.ReceiverBandwidth,
            _ => FeedbackKind.Other,
        };

    /// <summary>The source that a feedback packet speaks of; 0 where it names its sources further behind (FIR, REMB) or is none.</summary>
    public uint MediaSsrc =>
        Type is RtcpType.TransportFeedback or RtcpType.PayloadFeedback && Body.Length >= 8
            ? BinaryPrimitives.ReadUInt32BigEndian(Body[4..])
            : 0;

    /// <summary>Whether a BYE says good-bye for this source.</summary>
    public bool IsByeOf(uint ssrc)
    {
        for (var i = 0; Type == RtcpType.Bye && i < Count && (4 * i) + 4 <= Body.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(Body[(4 * i)..]) == ssrc)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The canonical name that a source description gives this source.</summary>
    public bool TryFindCname(uint ssrc, out ReadOnlySpan<byte> cname)
    {
        cname = default;
        return Type == RtcpType.SourceDescription && SourceDescription.TryFindCname(Body, Count, ssrc, out cname);
    }
}
