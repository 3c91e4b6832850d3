using System.Buffers.Binary;
using System.Text;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Srtp;
using Calls.Media.Stun;

namespace Calls.Media.Tests.Sfu;

/// <summary>What it makes of what comes.</summary>
internal sealed partial class TestClient
{
    private void Hear(byte[] datagram, TimeSpan now)
    {
        // The network doubles datagrams; what SRTP refuses otherwise would be a fault of the server.
        if (_receiver is null || !_receiver.TryUnprotect(datagram, out var length))
        {
            return;
        }
        RtpPacket.TryParse(datagram.AsSpan(0, length), out var packet).ShouldBeTrue();
        if (!Heard.TryGetValue(packet.Ssrc, out var packets))
        {
            Heard[packet.Ssrc] = packets = [];
        }
        if (Nacks && packets.Count > 0)
        {
            AskForGap(packet.Ssrc, packets.Max(heard => heard.Order), packet.SequenceNumber);
        }
        var level = packet.Extensions.TryFind(1, out var value) ? value[0] : -1;
        var mid = packet.Extensions.TryFind(2, out value) ? Encoding.ASCII.GetString(value) : null;
        var number = packet.Extensions.TryFind(3, out value) ? BinaryPrimitives.ReadUInt16BigEndian(value) : -1;
        packets.Add(
            new HeardPacket(
                packet.SequenceNumber,
                packet.Timestamp,
                packet.PayloadType,
                packet.Marker,
                Encoding.UTF8.GetString(packet.Payload),
                packet.Payload.ToArray(),
                level,
                mid,
                number,
                now
            )
        );
    }

    // Numbers of downlinks begin low and do not roll over within a test, so they are in order as they are.
    private void AskForGap(uint source, int highest, ushort sequence)
    {
        var missing = Enumerable.Range(highest + 1, Math.Max(0, sequence - highest - 1)).Select(n => (ushort)n);
        if (sequence > highest + 1)
        {
            Ask(source, [.. missing]);
        }
    }

    private void Answer(in RtcpPacket nack, TimeSpan now)
    {
        for (var i = 0; i < nack.CountNackItems(); i++)
        {
            var (first, following) = nack.NackItem(i);
            for (var bit = 0; bit < Nack.PerItem; bit++)
            {
                var sequence = (ushort)(first + bit);
                if (bit > 0 && (following & (1 << (bit - 1))) == 0)
                {
                    continue;
                }
                Asked.Add((now, sequence));
                if (Nacks && _sent.TryGetValue(sequence, out var packet))
                {
                    Send(packet);
                }
            }
        }
    }

    private void HearRtcp(byte[] datagram, TimeSpan now)
    {
        if (_receiver is null || !_receiver.TryUnprotectRtcp(datagram, out var length))
        {
            return;
        }
        var reader = new RtcpReader(datagram.AsSpan(0, length));
        var isFirst = true;
        while (reader.TryRead(out var packet))
        {
            if (packet.TryReadSenderReport(out var report))
            {
                SenderReports.Add(report);
                ReportsAt.Add(now);
            }
            for (var i = 0; i < packet.ReportBlocks.Count; i++)
            {
                Reports.Add(packet.ReportBlocks[i]);
            }
            if (packet.Feedback == FeedbackKind.TransportWide)
            {
                var arrivals = new long[TransportFeedback.MaxPackets];
                packet.TryReadTransportFeedback(out var first, arrivals, out var count).ShouldBeTrue();
                FeedbackAt.Add(now);
                for (var i = 0; i < count; i++)
                {
                    Arrivals.TryAdd((ushort)(first + i), arrivals[i]).ShouldBeTrue("each packet is told of once");
                }
            }
            if (packet.Feedback == FeedbackKind.Nack)
            {
                packet.MediaSsrc.ShouldBe(Ssrc);
                ReducedSizes.Add(isFirst);
                Answer(packet, now);
            }
            isFirst = false;
            if (packet.Type == RtcpType.ReceiverReport)
            {
                CompoundsAt.Add(now);
            }
            if (packet.Type == RtcpType.ExtendedReport)
            {
                ExtendedReports.Add(packet.Body.ToArray());
            }
            if (packet.Type == RtcpType.Bye)
            {
                Byes.Add(BinaryPrimitives.ReadUInt32BigEndian(packet.Body));
            }
        }
    }
}
