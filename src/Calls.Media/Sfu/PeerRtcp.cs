using System.Numerics;
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

    // A sender report without blocks is 28 bytes, a source description with the longest name (64 characters) 80, the client's own time 24.
    private const int LargestSource = 132;

    // Microphone, camera and screen, and one more in three layers.
    private const int MaxBlocks = 6;

    /// <summary>Takes what the client tells, decrypted.</summary>
    /// <returns>How many packets it was sent again because it asked for them.</returns>
    public static int Take(Peer peer, ReadOnlySpan<byte> compound, TimeSpan now, Outbox outbox)
    {
        var resent = 0;
        var reader = new RtcpReader(compound);
        while (reader.TryRead(out var packet))
        {
            if (packet.TryReadSenderReport(out var report))
            {
                foreach (var uplink in peer.Uplinks)
                {
                    uplink.OnSenderReport(report, now);
                }
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
            if (packet.CountNackItems() > 0)
            {
                resent += Resend(peer, packet, now, outbox);
            }
        }
        return resent;
    }

    /// <summary>Asks the client for what is missing of a source and due.</summary>
    /// <returns>How many packets it was asked for.</returns>
    public static int AskForMissing(Peer peer, Uplink uplink, TimeSpan now, Outbox outbox)
    {
        Span<ushort> due = stackalloc ushort[MissingPackets.Capacity];
        var count = uplink.Missing.TakeDue(now, peer.Counters.RoundTrip, due);
        if (count == 0 || !peer.CanBeReached)
        {
            return 0;
        }
        var buffer = outbox.Next;
        var writer = BeginFeedback(peer, buffer);
        writer.AddNack(OwnSsrc, uplink.Ssrc!.Value, due[..count]);
        Send(peer, buffer, writer.Length, outbox);
        return count;
    }

    /// <summary>Tells the client when its packets came.</summary>
    public static void TellArrivals(Peer peer, ArrivalLog arrivals, TimeSpan now, Outbox outbox)
    {
        if (!peer.CanBeReached)
        {
            return;
        }
        uint ssrc = 0;
        foreach (var uplink in peer.Uplinks)
        {
            ssrc = ssrc == 0 ? uplink.Ssrc ?? 0 : ssrc;
        }
        var buffer = outbox.Next;
        var writer = BeginFeedback(peer, buffer);
        arrivals.Tell(ref writer, OwnSsrc, ssrc, now);
        Send(peer, buffer, writer.Length, outbox);
    }

    /// <summary>Reports on everything that flows between the server and the client.</summary>
    public static void Report(Peer peer, NtpTime ntp, TimeSpan now, Outbox outbox)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[MaxBlocks];
        var count = 0;
        foreach (var uplink in peer.Uplinks)
        {
            if (count < MaxBlocks && uplink.TryMakeReport(now, out blocks[count]))
            {
                count++;
                Note(peer, uplink);
            }
        }
        var buffer = outbox.Next;
        var writer = new RtcpWriter(buffer);
        // Without anything to report an empty report goes out all the same (RFC 3550 section 6.4.2).
        writer.AddReceiverReport(OwnSsrc, blocks[..count]);
        writer.AddCname(OwnSsrc, OwnName);
        foreach (var downlink in peer.Downlinks)
        {
            if (!downlink.TryMakeReport(ntp, now, out var report))
            {
                continue;
            }
            if (writer.Length + LargestSource > MaxCompound)
            {
                SendReport(peer, buffer, writer.Length, outbox);
                buffer = outbox.Next;
                writer = new RtcpWriter(buffer);
            }
            writer.AddSenderReport(report, default);
            writer.AddCname(downlink.Ssrc, downlink.Cname);
            if (peer.ReferenceTime is { } reference)
            {
                // From each source, as clients reckon the round trip for each of them.
                writer.AddLastReference(downlink.Ssrc, reference.Ssrc, reference.Time, now - reference.At);
            }
        }
        SendReport(peer, buffer, writer.Length, outbox);
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

    // A session's figures are those of its voice.
    private static void Note(Peer peer, Uplink uplink)
    {
        if (uplink.IsVoice)
        {
            peer.Counters.Loss = uplink.Stats.Loss ?? 0;
            peer.Counters.Jitter = uplink.Stats.Jitter.TotalSeconds;
            peer.Counters.Reports++;
        }
    }

    private static int Resend(Peer peer, in RtcpPacket nack, TimeSpan now, Outbox outbox)
    {
        if (FindDownlink(peer, nack.MediaSsrc) is not { } downlink)
        {
            return 0;
        }
        var resent = 0;
        for (var i = 0; i < nack.CountNackItems(); i++)
        {
            var (first, following) = nack.NackItem(i);
            for (var missing = 1 | (following << 1); missing != 0; missing &= missing - 1)
            {
                var sequence = (ushort)(first + BitOperations.TrailingZeroCount(missing));
                resent += downlink.Resend(sequence, now, outbox) ? 1 : 0;
            }
        }
        return resent;
    }

    // A compound begins with a report and a name (RFC 4585 section 3.1), unless the client has agreed to do without.
    private static RtcpWriter BeginFeedback(Peer peer, Span<byte> buffer)
    {
        var writer = new RtcpWriter(buffer);
        var takesReducedSize = false;
        foreach (var uplink in peer.Uplinks)
        {
            takesReducedSize |= uplink.Format is { TakesReducedSize: true };
        }
        if (!takesReducedSize)
        {
            writer.AddReceiverReport(OwnSsrc, default);
            writer.AddCname(OwnSsrc, OwnName);
        }
        return writer;
    }

    // Only regular reports count towards their own pace: feedback has a pace of its own.
    private static void SendReport(Peer peer, Span<byte> buffer, int length, Outbox outbox)
    {
        peer.ReportInterval.OnCompound(length + peer.Keys!.Sender.RtcpOverhead, isOurs: true);
        Send(peer, buffer, length, outbox);
    }

    private static void Send(Peer peer, Span<byte> buffer, int length, Outbox outbox) =>
        outbox.Commit(peer.Keys!.Sender.ProtectRtcp(buffer, length), peer.Address!.Value);

    private static void TakeBlock(Peer peer, in ReportBlock block, TimeSpan now)
    {
        if (FindDownlink(peer, block.Ssrc)?.RoundTrip(block, now) is { } roundTrip)
        {
            peer.Counters.RoundTrip = roundTrip.TotalSeconds;
            peer.Counters.RoundTrips++;
        }
    }

    private static Downlink? FindDownlink(Peer peer, uint ssrc)
    {
        foreach (var downlink in peer.Downlinks)
        {
            if (downlink.Ssrc == ssrc)
            {
                return downlink;
            }
        }
        return null;
    }
}
