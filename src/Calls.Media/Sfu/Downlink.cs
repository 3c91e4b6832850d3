using System.Buffers.Binary;
using System.Text;
using Calls.Media.Ice;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Srtp;

namespace Calls.Media.Sfu;

/// <summary>One source on its way to one receiver: one m-line of the receiver's, one outgoing SSRC, one unbroken stream.</summary>
internal sealed class Downlink
{
    /// <summary>So many packets carry the MID extension at a stream's start: a second of audio, so that losing some does not matter (RFC 9143 section 9.2).</summary>
    private const int PacketsWithMid = 50;

    // As many as the stream itself has, for a receiver that asks for everything twice, and a history at once.
    private const double ResendsPerSecond = 50;

    private readonly byte[] _mid;
    private readonly byte[] _cname;
    private StreamRewriter _rewriter;
    private SrtpStream _stream;
    private SenderStats _stats;
    private SentPackets? _sent;
    private TokenBucket _resends = new(ResendsPerSecond, SentPackets.Capacity);
    private DownlinkFormat _format;
    private Uplink? _uplink;
    private int _midsLeft = PacketsWithMid;
    private uint _packetsReported;
    private (uint Time, TimeSpan SentAt) _lastReport;
    private (uint Time, TimeSpan SentAt) _reportBefore; // on a long way the answer to it comes after the next one has gone

    public Downlink(Peer receiver, DownlinkFormat format, FillRandom random)
    {
        Receiver = receiver;
        _format = format;
        _sent = format.SendsNack ? new SentPackets() : null;
        _stats = new SenderStats(format.ClockRate);
        _mid = Encoding.ASCII.GetBytes(format.Mid);
        _cname = Encoding.ASCII.GetBytes(format.Name);
        Span<byte> start = stackalloc byte[6];
        random(start);
        _rewriter = new StreamRewriter(
            BinaryPrimitives.ReadUInt16LittleEndian(start),
            BinaryPrimitives.ReadUInt32LittleEndian(start[2..]),
            format.ClockRate
        );
    }

    public Peer Receiver { get; }
    public string Mid => Format.Mid;
    public uint Ssrc => Format.Ssrc;
    public ReadOnlySpan<byte> Cname => _cname;
    public bool HasStarted => _stats.Packets > 0;

    /// <summary>How the receiver wants it; a later answer may change all but mid and SSRC.</summary>
    public DownlinkFormat Format
    {
        get => _format;
        set
        {
            if (value == _format)
            {
                return;
            }
            // What went out in the old form could not be sent again to the bit.
            (_format, _sent) = (value, value.SendsNack ? new SentPackets() : null);
            KeepHistory();
        }
    }

    /// <summary>Whose source it carries.</summary>
    public Peer? Source { get; private set; }

    /// <summary>From here on it carries this source of that one's.</summary>
    public void Attach(Peer source, Uplink uplink)
    {
        if (_uplink == uplink)
        {
            return;
        }
        Detach();
        (Source, _uplink) = (source, uplink);
        uplink.Downlinks.Add(this);
        KeepHistory();
        if (uplink.Ssrc is { } ssrc)
        {
            Follow(uplink.KeyOf(ssrc));
        }
    }

    /// <summary>It carries nothing, and stays what it is.</summary>
    public void Detach()
    {
        _rewriter.Pause();
        _sent?.Clear();
        _uplink?.Downlinks.Remove(this);
        (Source, _uplink) = (null, null);
    }

    /// <summary>What comes is withheld from here on, and leaves no hole.</summary>
    public void Pause() => _rewriter.Pause();

    /// <summary>The source goes (back) to a stream of its own free will.</summary>
    public void Follow(uint key) => _rewriter.Follow(key);

    /// <summary>Sends a packet of the source on.</summary>
    /// <param name="packet">The packet, plain.</param>
    /// <param name="media">What of it every receiver gets.</param>
    /// <param name="key">What its stream is known by.</param>
    /// <param name="number">Under which it stands in the source's history; 0 for none.</param>
    /// <param name="now">The time.</param>
    /// <param name="outbox">Where it goes.</param>
    /// <returns>Whether it goes out; else it is withheld from this receiver.</returns>
    public bool Forward(in RtpPacket packet, in MediaPacket media, uint key, uint number, TimeSpan now, Outbox outbox)
    {
        if (!Receiver.CanBeReached || Receiver.IsDeafened)
        {
            _rewriter.Pause();
            return false;
        }
        var fits = _rewriter.TryRewrite(
            key,
            packet.SequenceNumber,
            packet.Timestamp,
            now,
            out var sequence,
            out var timestamp
        );
        if (!fits)
        {
            return false;
        }
        var header = new SentHeader
        {
            Number = number,
            Sequence = sequence,
            Timestamp = timestamp,
            HasMid = _midsLeft > 0,
            TransportSequence = Format.TransportId > 0 ? Receiver.NextTransportSequence() : (ushort)0,
        };
        _midsLeft -= header.HasMid ? 1 : 0;
        var length = Write(media, header, outbox);
        if (number != 0)
        {
            _sent?.Add(header);
        }
        _stats.OnPacket(timestamp, length, now);
        Receiver.Counters.Sent++;
        return true;
    }

    /// <summary>Sends a packet once more, to the bit as it was. False when it is gone, or too much is asked for.</summary>
    public bool Resend(ushort sequence, TimeSpan now, Outbox outbox)
    {
        if (
            _sent is null
            || !Receiver.CanBeReached
            || Receiver.IsDeafened
            || _uplink is not { History: { } history }
            || (_uplink.IsVoice && Source!.IsMuted)
            || !_sent.TryFind(sequence, out var header)
            || !history.TryFind(header.Number, out var media)
            || !_resends.TryTake(now)
        )
        {
            return false;
        }
        Write(media, header, outbox);
        return true;
    }

    /// <summary>The sender report of this moment, if anything was sent since the one before.</summary>
    public bool TryMakeReport(NtpTime ntp, TimeSpan now, out SenderReport report)
    {
        report = default;
        if (_stats.Packets == _packetsReported)
        {
            return false;
        }
        _packetsReported = _stats.Packets;
        report = _stats.MakeReport(Ssrc, ntp, now);
        // The source's own pairing of wall clock and stream clock is what keeps lips and voice together; only the
        // stream's numbers are ours.
        if (_uplink?.ReportFor(_rewriter.SourceSsrc, now) is { } told)
        {
            report = report with { Ntp = told.Ntp, RtpTimestamp = told.RtpTimestamp + _rewriter.TimestampOffset };
        }
        _reportBefore = _lastReport;
        _lastReport = (report.Ntp.Middle, now);
        return true;
    }

    /// <summary>The round trip that a receiver's report shows, if it answers one of our latest two (RFC 3550 section 6.4.1). By our own clock: the report's times may be of the source's.</summary>
    public TimeSpan? RoundTrip(in ReportBlock block, TimeSpan now)
    {
        var told = block.LastSenderReport;
        if (told == 0 || (told != _lastReport.Time && told != _reportBefore.Time))
        {
            return null;
        }
        var sentAt = told == _lastReport.Time ? _lastReport.SentAt : _reportBefore.SentAt;
        var roundTrip = now - sentAt - NtpTime.FromMiddleUnits(block.DelaySinceLastSenderReport);
        return roundTrip > TimeSpan.Zero ? roundTrip : TimeSpan.Zero;
    }

    private void KeepHistory()
    {
        if (Format.SendsNack)
        {
            _uplink?.KeepHistory();
        }
    }

    private int Write(in MediaPacket media, in SentHeader sent, Outbox outbox)
    {
        var isRed = media.Format == PayloadFormat.Red && Format.RedType != 0;
        var type = isRed ? Format.RedType : Format.PayloadType;
        var payload = media.Payload;
        if (media.Format == PayloadFormat.Red && !isRed)
        {
            // The receiver has not agreed to redundancy: it gets the present frame alone.
            RedPayload.TryFindPrimary(payload, out payload);
        }
        var buffer = outbox.Next;
        var header = WriteHeader(buffer, type, media, sent);
        payload.CopyTo(buffer[header..]);
        if (isRed)
        {
            RedPayload.SetBlockType(buffer[header..], Format.PayloadType);
        }
        var length = Receiver.Keys!.Sender.Protect(ref _stream, buffer, header, header + payload.Length);
        outbox.Commit(length, Receiver.Address!.Value);
        return payload.Length;
    }

    private int WriteHeader(Span<byte> buffer, byte type, in MediaPacket media, in SentHeader sent)
    {
        var header = new RtpHeaderWriter(buffer, type, media.Marker, sent.Sequence, sent.Timestamp, Format.Ssrc);
        if (media.Level >= 0 && Format.AudioLevelId > 0)
        {
            header.AddExtension(Format.AudioLevelId, [(byte)media.Level]);
        }
        if (Format.TransportId > 0)
        {
            header.AddExtension(
                Format.TransportId,
                [(byte)(sent.TransportSequence >> 8), (byte)sent.TransportSequence]
            );
        }
        if (sent.HasMid && Format.MidId > 0)
        {
            header.AddExtension(Format.MidId, _mid);
        }
        return header.Finish();
    }
}
