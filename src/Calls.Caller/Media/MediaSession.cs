using System.Numerics;
using Calls.Caller.Opus;
using Calls.Caller.Sdp;
using Calls.Media.Dtls;
using Calls.Media.Ice;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;
using Calls.Media.Srtp;

namespace Calls.Caller.Media;

/// <summary>One peer connection: answers its offers, speaks on the microphone's line, listens on all others, reports once a second.</summary>
internal sealed class MediaSession : IMediaSink, IDisposable
{
    /// <summary>Tracks that have gone and are still reported; a call of 25 in which everybody left and came back ten times has no more.</summary>
    private const int MaxEnded = 256;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly CallerOptions _options;
    private readonly DtlsIdentity _dtls;
    private readonly SendDatagram _send;
    private readonly LoopTally _tally;
    private readonly List<TrackReport> _ended = [];
    private readonly IceCredentials _credentials;
    private readonly AnswerIdentity _identity;
    private readonly Microphone _microphone;
    private readonly Dictionary<uint, RemoteTrack> _tracks = [];
    private readonly byte[] _packet = new byte[SrtpLimits.MaxPacketLength];
    private readonly SentDatagrams? _sent;
    private readonly bool _hasTrackTimers; // else nobody need look at each track for when something is due
    private MediaTransport? _transport;
    private OfferedLine? _sending;
    private TimeSpan _reportAt;
    private TimeSpan _arrived; // of the datagram that is looked at

    public MediaSession(
        string sessionId,
        string name,
        CallerOptions options,
        DtlsIdentity dtls,
        SendDatagram send,
        LoopTally tally
    )
    {
        _tally = tally;
        _sent = options.Retransmission ? new SentDatagrams() : null;
        _hasTrackTimers = options.Retransmission || options.PlayoutDelay is not null;
        SessionId = sessionId;
        _options = options;
        _dtls = dtls;
        _send = send;
        _credentials = IceCredentials.Create(options.Random);
        Span<byte> random = stackalloc byte[18];
        options.Random(random);
        var ssrc = BitConverter.ToUInt32(random) | 1; // 0 is nobody
        _identity = new AnswerIdentity(
            _credentials.Ufrag,
            _credentials.Password,
            dtls.Fingerprint,
            ssrc,
            name,
            BitConverter.ToUInt64(random[4..]) >> 2
        )
        {
            WantsNack = options.Retransmission,
            WantsRed = options.RedundantFrames > 0,
        };
        _microphone = new Microphone(
            ssrc,
            BitConverter.ToUInt16(random[12..]),
            BitConverter.ToUInt32(random[14..]),
            options
        )
        {
            Speaker = SoundStamp.SpeakerOf(name),
        };
    }

    public string SessionId { get; }

    public bool IsConnected => _transport?.IsConnected ?? false;

    /// <summary>When media could flow first.</summary>
    public TimeSpan? ConnectedAt { get; private set; }

    public string? Failure => _transport?.Failure;

    public SrtpProfile? Profile => _transport?.Profile;

    /// <summary>Packets for which no track was offered, or that were not authentic.</summary>
    public int Unexpected { get; private set; }

    public int Refused => _transport?.Refused ?? 0;

    public uint SentPackets => _microphone.Stats.Packets;

    /// <summary>Packets that the server asked for, and was sent again.</summary>
    public long SentAgain { get; private set; }

    /// <summary>The round trip by the server's reports on the microphone.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    public IReadOnlyCollection<RemoteTrack> Tracks => _tracks.Values;

    /// <summary>What came of those who have gone.</summary>
    public IReadOnlyList<TrackReport> Ended => _ended;

    /// <summary>Set by <see cref="Handle"/> and <see cref="Advance"/> when somebody who waits should look again.</summary>
    public bool HasNews { get; set; }

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public TimeSpan NextDeadline
    {
        get
        {
            if (_transport is null)
            {
                return TimeSpan.MaxValue;
            }

            var next = _transport.NextDeadline;
            if (!IsConnected)
            {
                return next;
            }

            next = _reportAt < next ? _reportAt : next;
            next = NextOfTracks < next ? NextOfTracks!.Value : next;
            return _sending is not null && _microphone.Due is { } due && due < next ? due : next;
        }
    }

    /// <summary>Takes an offer and returns the answer's text.</summary>
    public string Answer(SessionOffer offer, IReadOnlyList<OfferedTrack> tracks, int revision, TimeSpan now)
    {
        _transport ??= new MediaTransport(offer, _credentials, _dtls, _options.Random, _send, this, now);
        _sending = offer.Lines.FirstOrDefault(l => l.IsTaken && l.Direction is OfferedDirection.RecvOnly);
        _microphone.Use(_sending);
        var offered = offer
            .Lines.Where(line => line is { IsTaken: true, Direction: OfferedDirection.SendOnly, Ssrc: not 0 })
            .Select(line => (Line: line, Track: tracks.FirstOrDefault(track => track.Mid == line.Mid)))
            .Where(pair => pair.Track is not null)
            .ToDictionary(pair => pair.Line.Ssrc, pair => (pair.Line.RedPayloadType, Track: pair.Track!));
        foreach (var gone in _tracks.Values.Where(t => offered.GetValueOrDefault(t.Ssrc).Track != t.Track).ToArray())
        {
            _tracks.Remove(gone.Ssrc);
            if (gone.Stats.Received > 0 && _ended.Count < MaxEnded)
            {
                _ended.Add(gone.Report);
            }

            gone.Dispose();
        }

        foreach (var (ssrc, (redType, track)) in offered)
        {
            if (!_tracks.ContainsKey(ssrc))
            {
                _tracks.Add(ssrc, new RemoteTrack(track, ssrc, redType, _options, _tally));
            }
        }

        HasNews = true;
        return AnswerWriter.Write(offer, _identity, revision);
    }

    public void Say(Recording? sound, TimeSpan now) => _microphone.Say(sound, now);

    public void Renew(TimeSpan now) => _transport?.Renew(now);

    /// <summary>Takes a datagram.</summary>
    /// <param name="datagram">It; decrypted in place.</param>
    /// <param name="from">Where it came from; needed of connectivity checks only.</param>
    /// <param name="arrived">When it came.</param>
    /// <param name="now">The time at which it is looked at.</param>
    public void Handle(Span<byte> datagram, System.Net.IPEndPoint? from, TimeSpan arrived, TimeSpan now)
    {
        var before = (IsConnected, Failure);
        _arrived = arrived;
        _transport?.Handle(datagram, from, now);
        NoteProgress(before, now);
    }

    public void Advance(TimeSpan now)
    {
        if (_transport is null)
        {
            return;
        }

        var before = (IsConnected, Failure);
        _transport.Advance(now);
        NoteProgress(before, now);
        if (!IsConnected)
        {
            return;
        }

        while (_microphone.TryMake(now, _packet, out var length))
        {
            var datagram = _transport.SendRtp(_packet, length);
            _sent?.Keep(_microphone.LastSequence, datagram);
        }

        if (_hasTrackTimers)
        {
            Serve(now);
        }

        if (_reportAt <= now)
        {
            _reportAt = now + ReportInterval;
            Report(now);
        }
    }

    public void OnRtp(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        if (!RtpPacket.TryParse(packet, out var rtp) || !_tracks.TryGetValue(rtp.Ssrc, out var track))
        {
            Unexpected++;
            return;
        }

        HasNews |= track.OnPacket(rtp, _arrived);
    }

    public void OnRtcp(ReadOnlySpan<byte> compound, TimeSpan now)
    {
        var reader = new RtcpReader(compound);
        while (reader.TryRead(out var packet))
        {
            if (packet.TryReadSenderReport(out var report) && _tracks.TryGetValue(report.Ssrc, out var track))
            {
                track.OnSenderReport(report.Ntp, now);
            }

            for (var i = 0; i < packet.ReportBlocks.Count; i++)
            {
                var block = packet.ReportBlocks[i];
                RoundTrip = block.Ssrc == _microphone.Ssrc ? block.RoundTrip(Ntp()) ?? RoundTrip : RoundTrip;
            }

            if (packet.CountNackItems() > 0 && packet.MediaSsrc == _microphone.Ssrc)
            {
                SendAgain(packet);
            }
        }
    }

    public void Close() => _transport?.Close();

    public void Dispose()
    {
        _transport?.Dispose();
        foreach (var track in _tracks.Values)
        {
            track.Dispose();
        }
    }

    private TimeSpan? NextOfTracks
    {
        get
        {
            TimeSpan? next = null;
            if (_hasTrackTimers)
            {
                foreach (var track in _tracks.Values)
                {
                    next = next is null || track.NextDue < next ? track.NextDue ?? next : next;
                }
            }

            return next;
        }
    }

    // Plays what is due of each track, and asks for what is missing.
    private void Serve(TimeSpan now)
    {
        Span<ushort> due = stackalloc ushort[WantedPackets.Capacity];
        foreach (var track in _tracks.Values)
        {
            HasNews |= track.Play(now);
            if (track.Wanted is not { NextDue: { } next } wanted || next > now)
            {
                continue;
            }

            var count = wanted.TakeDue(now, RoundTrip, due);
            if (count > 0)
            {
                // Without a report before it: the answer has a=rtcp-rsize (RFC 5506).
                var writer = new RtcpWriter(_packet);
                writer.AddNack(_microphone.Ssrc, track.Ssrc, due[..count]);
                _transport!.SendRtcp(_packet, writer.Length);
            }
        }
    }

    private void SendAgain(in RtcpPacket nack)
    {
        for (var i = 0; i < nack.CountNackItems(); i++)
        {
            var (first, following) = nack.NackItem(i);
            for (var missing = 1 | (following << 1); missing != 0; missing &= missing - 1)
            {
                var sequence = (ushort)(first + BitOperations.TrailingZeroCount(missing));
                if (_sent?.TryTake(sequence, out var datagram) == true)
                {
                    _transport!.SendAgain(datagram);
                    SentAgain++;
                }
            }
        }
    }

    private void NoteProgress((bool IsConnected, string? Failure) before, TimeSpan now)
    {
        HasNews |= before != (IsConnected, Failure);
        if (IsConnected && ConnectedAt is null)
        {
            ConnectedAt = _reportAt = now;
            _microphone.Start(now);
        }
    }

    private void Report(TimeSpan now)
    {
        var blocks = new List<ReportBlock>();
        foreach (var track in _tracks.Values.Where(t => t.Stats.Received > 0).Take(RtcpWriter.MaxReportBlocks))
        {
            blocks.Add(track.MakeReport(now));
        }

        var writer = new RtcpWriter(_packet);
        if (_microphone.Stats.Packets > 0)
        {
            writer.AddSenderReport(_microphone.Stats.MakeReport(_microphone.Ssrc, Ntp(), now), [.. blocks]);
        }
        else
        {
            writer.AddReceiverReport(_microphone.Ssrc, [.. blocks]);
        }

        writer.AddCname(_microphone.Ssrc, System.Text.Encoding.UTF8.GetBytes(_identity.Cname));
        _transport!.SendRtcp(_packet, writer.Length);
    }

    private NtpTime Ntp() => NtpTime.From(_options.Clock.GetUtcNow());
}
