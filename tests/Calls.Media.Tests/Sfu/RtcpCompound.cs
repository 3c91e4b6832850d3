using System.Buffers.Binary;
using Calls.Media.Rtcp;

namespace Calls.Media.Tests.Sfu;

/// <summary>Writes a compound in one expression.</summary>
internal readonly ref struct RtcpCompound(Span<byte> buffer)
{
    public RtcpCompound ReferenceTime(uint ssrc, NtpTime time)
    {
        var packet = _buffer.Slice(Length, 20);
        byte[] header = [0x80, 207, 0, 4, 0, 0, 0, 0, 4, 0, 0, 2];
        header.CopyTo(packet);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(packet[12..], time.Value);
        return this with { Length = Length + packet.Length };
    }

    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private init; }

    public RtcpCompound Sender(SenderReport report, params ReadOnlySpan<ReportBlock> blocks)
    {
        var writer = new RtcpWriter(_buffer[Length..]);
        writer.AddSenderReport(report, blocks);
        return this with { Length = Length + writer.Length };
    }

    public RtcpCompound Receiver(uint ssrc, params ReadOnlySpan<ReportBlock> blocks)
    {
        var writer = new RtcpWriter(_buffer[Length..]);
        writer.AddReceiverReport(ssrc, blocks);
        return this with { Length = Length + writer.Length };
    }
}
