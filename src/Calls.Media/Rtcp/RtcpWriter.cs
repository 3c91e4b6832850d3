using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>Writes a compound packet (RFC 3550 §6.1): a report first, then the canonical name, then whatever else. The buffer must hold it all.</summary>
public ref struct RtcpWriter
{
    /// <summary>Most report blocks in one packet (five bits).</summary>
    public const int MaxReportBlocks = 31;

    private readonly Span<byte> _buffer;

    /// <summary>Begins an empty compound.</summary>
    public RtcpWriter(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a sender report.</summary>
    public void AddSenderReport(in SenderReport report, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var body = Begin(
            RtcpType.SenderReport,
            blocks.Length,
            SenderReport.Length + (blocks.Length * ReportBlock.Length)
        );
        report.Write(body);
        WriteBlocks(body[SenderReport.Length..], blocks);
    }

    /// <summary>Adds a receiver report.</summary>
    public void AddReceiverReport(uint ssrc, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var body = Begin(RtcpType.ReceiverReport, blocks.Length, 4 + (blocks.Length * ReportBlock.Length));
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        WriteBlocks(body[4..], blocks);
    }

    /// <summary>Adds a source description with a canonical name.</summary>
    public void AddCname(uint ssrc, scoped ReadOnlySpan<byte> cname)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cname.Length, SourceDescription.MaxItemLength);
        var length = (4 + 2 + cname.Length + 4) & ~3; // at least one zero behind the item
        var body = Begin(RtcpType.SourceDescription, 1, length);
        body.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        body[4] = SourceDescription.Cname;
        body[5] = (byte)cname.Length;
        cname.CopyTo(body[6..]);
    }

    /// <summary>Adds a good-bye.</summary>
    public void AddBye(uint ssrc) => BinaryPrimitives.WriteUInt32BigEndian(Begin(RtcpType.Bye, 1, 4), ssrc);

    /// <summary>Adds a request for a keyframe (RFC 4585 §6.3.1).</summary>
    public void AddPictureLoss(uint ssrc, uint mediaSsrc)
    {
        var body = Begin(RtcpType.PayloadFeedback, 1, 8);
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], mediaSsrc);
    }

    private static void WriteBlocks(Span<byte> body, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i].Write(body[(i * ReportBlock.Length)..]);
        }
    }

    /// <summary>Writes a packet's header and gives its body, whose bytes are the caller's to write, all of them.</summary>
    internal Span<byte> Begin(RtcpType type, int count, int bodyLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxReportBlocks);
        var packet = _buffer.Slice(Length, 4 + bodyLength);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(bodyLength / 4));
        Length += packet.Length;
        return packet[4..];
    }
}
