using System.Buffers.Binary;

namespace Calls.Media.Rtcp;

/// <summary>What a sender tells of itself (RFC 3550 §6.4.1).</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="Ntp">When the report was made, by its wall clock.</param>
/// <param name="RtpTimestamp">The same moment on the stream's clock.</param>
/// <param name="Packets">RTP packets sent so far.</param>
/// <param name="Octets">Payload bytes sent so far.</param>
public readonly record struct SenderReport(uint Ssrc, NtpTime Ntp, uint RtpTimestamp, uint Packets, uint Octets)
{
    /// <summary>Length behind the header, in bytes.</summary>
    internal const int Length = 24;

    internal static bool TryRead(ReadOnlySpan<byte> body, out SenderReport report)
    {
        report = default;
        if (body.Length < Length)
        {
            return false;
        }

        report = new SenderReport(
            BinaryPrimitives.ReadUInt32BigEndian(body),
            new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(body[4..])),
            BinaryPrimitives.ReadUInt32BigEndian(body[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[20..])
        );
        return true;
    }

    internal void Write(Span<byte> body)
    {
        BinaryPrimitives.WriteUInt32BigEndian(body, Ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], Ntp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], RtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], Packets);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], Octets);
    }
}

/// <summary>How one source is received (RFC 3550 §6.4.1).</summary>
/// <param name="Ssrc">The source.</param>
/// <param name="FractionLost">Lost since the report before, in 1/256.</param>
/// <param name="CumulativeLost">Lost since the beginning; below zero with duplicates.</param>
/// <param name="HighestSequence">The highest sequence number, with the count of its cycles in the upper 16 bits.</param>
/// <param name="Jitter">Interarrival jitter, in units of the stream's clock.</param>
/// <param name="LastSenderReport">The middle of the last sender report's time; 0 if there was none.</param>
/// <param name="DelaySinceLastSenderReport">How long ago that came, in 1/65536 s.</param>
public readonly record struct ReportBlock(
    uint Ssrc,
    byte FractionLost,
    int CumulativeLost,
    uint HighestSequence,
    uint Jitter,
    uint LastSenderReport,
    uint DelaySinceLastSenderReport
)
{
    /// <summary>Length, in bytes.</summary>
    internal const int Length = 24;

    private const int MaxLost = 0x7F_FFFF;

    /// <summary>The round trip that the report's arrival shows, for whoever sent the sender report (§6.4.1). Null if it repeats none.</summary>
    public TimeSpan? RoundTrip(NtpTime now)
    {
        if (LastSenderReport == 0)
        {
            return null;
        }

        // Clocks may be set back meanwhile, and the peer may round up its delay: below zero is zero.
        var units = (int)(now.Middle - LastSenderReport - DelaySinceLastSenderReport);
        return NtpTime.FromMiddleUnits((uint)Math.Max(0, units));
    }

    internal static ReportBlock Read(ReadOnlySpan<byte> block)
    {
        var lost = BinaryPrimitives.ReadInt32BigEndian(block[4..]);
        return new ReportBlock(
            BinaryPrimitives.ReadUInt32BigEndian(block),
            (byte)(lost >> 24),
            lost << 8 >> 8,
            BinaryPrimitives.ReadUInt32BigEndian(block[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(block[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(block[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(block[20..])
        );
    }

    internal void Write(Span<byte> block)
    {
        var lost = Math.Clamp(CumulativeLost, -MaxLost - 1, MaxLost) & 0xFF_FFFF;
        BinaryPrimitives.WriteUInt32BigEndian(block, Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(block[4..], ((uint)FractionLost << 24) | (uint)lost);
        BinaryPrimitives.WriteUInt32BigEndian(block[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(block[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(block[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(block[20..], DelaySinceLastSenderReport);
    }
}

/// <summary>The report blocks of a packet.</summary>
public readonly ref struct ReportBlocks
{
    private readonly ReadOnlySpan<byte> _blocks;

    internal ReportBlocks(ReadOnlySpan<byte> body, int offset, int claimed)
    {
        _blocks = body.Length > offset ? body[offset..] : default;
        Count = Math.Min(claimed, _blocks.Length / ReportBlock.Length);
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>One of them.</summary>
    public ReportBlock this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ReportBlock.Read(_blocks[(index * ReportBlock.Length)..]);
        }
    }
}
