using System.Buffers.Binary;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Sdp;

namespace Calls.Media.Sfu;

/// <summary>One source that a client sends, on one m-line of its own, and to whom it goes.</summary>
internal sealed class Uplink(PeerId owner, string mid)
{
    /// <summary>After so long without a packet of the present SSRC an unannounced one may take its place. A replaced sender starts at once; stray packets of the old one come within a second.</summary>
    public static readonly TimeSpan SsrcPatience = TimeSpan.FromMilliseconds(500);

    private readonly MissingPackets _missing = new();
    private SpeechLevel _speech;
    private ReceiverStats _stats = new(SdpFormats.OpusClock);
    private SenderReport _lastReport;
    private TimeSpan? _lastReportAt;
    private TimeSpan _lastPacket;
    private uint? _ssrcBefore;
    private long _reported;

    /// <summary>The line's <c>a=mid</c>.</summary>
    public string Mid => mid;

    /// <summary>Whether muting silences it: a camera goes on.</summary>
    public bool IsVoice => Format is not { Source: not MediaSource.Microphone };

    /// <summary>What the answer said; null as long as the client does not send.</summary>
    public UplinkFormat? Format { get; set; }

    /// <summary>The SSRC that is listened to, once there is one.</summary>
    public uint? Ssrc { get; private set; }

    /// <summary>To whom it goes; few, and gone through for each packet.</summary>
    public List<Downlink> Downlinks { get; } = [];

    /// <summary>Whether a packet is of this source: by its payload type, and by its SSRC, which the MID extension of a stream's first packets tells (RFC 9143 section 9.2) or the answer, or else the packet itself.</summary>
    /// <param name="packet">The packet, plain.</param>
    /// <param name="now">The time.</param>
    /// <param name="kind">What its payload is.</param>
    public bool Accepts(in RtpPacket packet, TimeSpan now, out PayloadFormat kind)
    {
        kind = default;
        if (Format is not { } format || !format.TryFormat(packet.PayloadType, out kind))
        {
            return false;
        }
        if (kind == PayloadFormat.Red && !RedPayload.TryFindPrimary(packet.Payload, out _))
        {
            return false;
        }
        if (packet.Ssrc != Ssrc)
        {
            // What the network held up of a stream that was left is no return to it.
            var isNews = packet.Ssrc != _ssrcBefore && IsAnnounced(format, packet);
            if (Ssrc is not null && !isNews && now - _lastPacket < SsrcPatience)
            {
                return false;
            }
            Switch(packet.Ssrc, format.ClockRate);
        }
        _lastPacket = now;
        if (format.TakesNack)
        {
            _missing.OnPacket(packet.SequenceNumber, now);
        }
        _stats.OnPacket(packet.SequenceNumber, packet.Timestamp, now);
        return true;
    }

    /// <summary>Whether a packet could be of this source by its payload type alone.</summary>
    public bool HasType(byte type) => Format?.TryFormat(type, out _) == true;

    /// <summary>Whether the packet itself says that it is of this source.</summary>
    public bool IsNamedBy(in RtpPacket packet) => Format is { } format && IsAnnounced(format, packet);

    /// <summary>What a downlink knows a stream by. Two sessions may use the same SSRC one after the other, and are two streams all the same.</summary>
    public uint KeyOf(uint ssrc) => ssrc ^ ((uint)owner.Number * 0x9E37_79B1);

    private void Switch(uint ssrc, int clockRate)
    {
        _missing.Reset();
        _ssrcBefore = Ssrc;
        Ssrc = ssrc;
        _stats = new ReceiverStats(clockRate);
        _lastReportAt = null;
        _reported = 0;
        foreach (var downlink in Downlinks)
        {
            downlink.Follow(KeyOf(ssrc));
        }
    }

    /// <summary>What is waited for of the present SSRC; nothing where the client sends nothing again.</summary>
    public MissingPackets Missing => _missing;

    /// <summary>The latest packets that went out; null as long as no receiver asks for any again.</summary>
    public PacketHistory? History { get; private set; }

    /// <summary>A receiver may ask for packets again from here on.</summary>
    public void KeepHistory() => History ??= new PacketHistory();

    /// <summary>Loss and jitter of the present SSRC.</summary>
    public ReceiverStats Stats => _stats;

    /// <summary>The client says which moment of its clock is which of its stream.</summary>
    public void OnSenderReport(in SenderReport report, TimeSpan now)
    {
        if (report.Ssrc == Ssrc)
        {
            _lastReport = report;
            _lastReportAt = now;
            _stats.OnSenderReport(report.Ntp, now);
        }
    }

    /// <summary>What the client would say now if it were asked, thought on from its latest report; null if it has made none of that stream.</summary>
    public (NtpTime Ntp, uint RtpTimestamp)? ReportFor(uint key, TimeSpan now)
    {
        if (_lastReportAt is not { } at || Ssrc is not { } ssrc || key != KeyOf(ssrc))
        {
            return null;
        }
        var since = now - at;
        var units = since.Ticks * (Format?.ClockRate ?? SdpFormats.OpusClock) / TimeSpan.TicksPerSecond;
        var fraction = (ulong)(((Int128)since.Ticks << 32) / TimeSpan.TicksPerSecond);
        return (new NtpTime(_lastReport.Ntp.Value + fraction), _lastReport.RtpTimestamp + (uint)(ulong)units);
    }

    /// <summary>A report for the client, if anything has come since the one before.</summary>
    public bool TryMakeReport(TimeSpan now, out ReportBlock block)
    {
        block = default;
        if (Ssrc is not { } ssrc || _stats.Received == _reported)
        {
            return false;
        }
        _reported = _stats.Received;
        block = _stats.MakeReport(ssrc, now);
        return true;
    }

    /// <summary>How loud the client is.</summary>
    public ref SpeechLevel Speech => ref _speech;

    /// <summary>How loud the packet is, if it says so.</summary>
    public bool TryReadLevel(in RtpPacket packet, out AudioLevel level)
    {
        level = default;
        return Format is { AudioLevelId: > 0 } format
            && packet.Extensions.TryFind(format.AudioLevelId, out var value)
            && AudioLevel.TryRead(value, out level);
    }

    /// <summary>The packet's number over all that the client sends, if it says so.</summary>
    public bool TryReadTransportSequence(in RtpPacket packet, out ushort sequence)
    {
        sequence = 0;
        return Format is { TransportId: > 0 } format
            && packet.Extensions.TryFind(format.TransportId, out var value)
            && BinaryPrimitives.TryReadUInt16BigEndian(value, out sequence);
    }

    // Only a MID decides between two announced SSRCs: a stream that has gone is announced still.
    private static bool IsAnnounced(UplinkFormat format, in RtpPacket packet)
    {
        if (
            format.MidId == 0
            || !packet.Extensions.TryFind(format.MidId, out var mid)
            || mid.Length != format.Mid.Length
        )
        {
            return false;
        }
        for (var i = 0; i < mid.Length; i++)
        {
            if (mid[i] != format.Mid[i])
            {
                return false;
            }
        }
        return true;
    }
}
