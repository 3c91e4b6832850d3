using Calls.Media.Rtcp;

namespace Calls.Media.Sfu;

/// <summary>RTCP with one client: reports of what is sent and received, each way. The server ends every control loop itself; nothing of one client's RTCP reaches another but the clock of its sender reports.</summary>
internal static class PeerRtcp
{
    /// <summary>The SSRC of the server itself, in reports about what it receives: one that no source is given.</summary>
    public const uint OwnSsrc = 1;

    private static ReadOnlySpan<byte> OwnName => "sfu"u8;

    // With room left for SRTCP's trailer within DTLS's MTU.
    private const int MaxCompound = 1_100;

    // A sender report without blocks is 28 bytes, a source description with the longest name (64 characters) 80.
    private const int LargestSource = 108;

    /// <summary>Takes what the client tells, decrypted.</summary>
    public static void Take(Peer peer, ReadOnlySpan<byte> compound, TimeSpan now)
    {
        var reader = new RtcpReader(compound);
        while (reader.TryRead(out var packet))
        {
            if (packet.TryReadSenderReport(out var report))
            {
                peer.Microphone.OnSenderReport(report, now);
            }
            if (ReferenceTimes.TryReadReferenceTime(packet, out var reference))
            {
                peer.ReferenceTime = (packet.Ssrc, reference, now);
            }
            var blocks = packet.ReportBlocks;
            for (var i = 0; i < blocks.Count; i++)
            {
                TakeBlock(peer, blocks[i], now);
            }
        }
    }

    /// <summary>Reports on everything that flows between the server and the client.</summary>
    public static void Report(Peer peer, NtpTime ntp, TimeSpan now, Outbox outbox)
    {
        var microphone = peer.Microphone;
        var hasBlock = microphone.TryMakeReport(now, out var block);
        if (hasBlock)
        {
            peer.Counters.Loss = microphone.Stats.Loss ?? 0;
            peer.Counters.Jitter = microphone.Stats.Jitter.TotalSeconds;
            peer.Counters.Reports++;
        }
        var buffer = outbox.Next;
        var writer = new RtcpWriter(buffer);
        // Without anything to report an empty report goes out all the same (RFC 3550 section 6.4.2).
        writer.AddReceiverReport(OwnSsrc, hasBlock ? [block] : default);
        writer.AddCname(OwnSsrc, OwnName);
        if (peer.ReferenceTime is { } reference)
        {
            // Each once: another comes with the client's own next report.
            peer.ReferenceTime = null;
            writer.AddLastReference(OwnSsrc, reference.Ssrc, reference.Time, now - reference.At);
        }
        foreach (var downlink in peer.Downlinks)
        {
            if (!downlink.TryMakeReport(ntp, now, out var report))
            {
                continue;
            }
            if (writer.Length + LargestSource > MaxCompound)
            {
                Send(peer, buffer, writer.Length, outbox);
                buffer = outbox.Next;
                writer = new RtcpWriter(buffer);
            }
            writer.AddSenderReport(report, default);
            writer.AddCname(downlink.Ssrc, downlink.Cname);
        }
        Send(peer, buffer, writer.Length, outbox);
    }

    /// <summary>Tells a receiver that a source will not come again (RFC 3550 section 6.6).</summary>
    public static void SayBye(Downlink downlink, Outbox outbox)
    {
        var receiver = downlink.Receiver;
        if (!receiver.CanBeReached || !downlink.HasStarted)
        {
            return;
        }
        var buffer = outbox.Next;
        var writer = new RtcpWriter(buffer);
        writer.AddReceiverReport(downlink.Ssrc, default); // a compound begins with a report
        writer.AddCname(downlink.Ssrc, downlink.Cname);
        writer.AddBye(downlink.Ssrc);
        Send(receiver, buffer, writer.Length, outbox);
    }

    private static void Send(Peer peer, Span<byte> buffer, int length, Outbox outbox)
    {
        length = peer.Keys!.Sender.ProtectRtcp(buffer, length);
        peer.ReportInterval.OnCompound(length, isOurs: true);
        outbox.Commit(length, peer.Address!.Value);
    }

    private static void TakeBlock(Peer peer, in ReportBlock block, TimeSpan now)
    {
        foreach (var downlink in peer.Downlinks)
        {
            if (downlink.Ssrc == block.Ssrc && downlink.RoundTrip(block, now) is { } roundTrip)
            {
                peer.Counters.RoundTrip = roundTrip.TotalSeconds;
                peer.Counters.RoundTrips++;
            }
        }
    }
}
