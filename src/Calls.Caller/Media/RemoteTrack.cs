using Calls.Caller.Opus;
using Calls.Media.Rtcp;
using Calls.Media.Rtp;

namespace Calls.Caller.Media;

/// <summary>Whose source stands on which m-line, as the <c>media_offer</c> says.</summary>
/// <param name="Mid">The line.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="Source"><c>microphone</c>, <c>camera</c> or <c>screen</c>.</param>
public sealed record OfferedTrack(string Mid, string UserId, string Kind, string Source);

/// <summary>One remote source: what came of it, and what is heard.</summary>
internal sealed class RemoteTrack : IDisposable
{
    /// <summary>How long a packet is asked for where nothing says when it would be played.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    private readonly LoopTally _tally;
    private readonly byte? _redType;
    private readonly uint _speaker;
    private readonly TrackSound? _sound;
    private readonly Playout? _playout;
    private ushort _next;
    private ReceiverStats _stats = new(OpusFormat.SampleRate);
    private SoundCounts _packets;
    private RecoveryCounts _recovery;

    public RemoteTrack(OfferedTrack track, uint ssrc, byte? redType, CallerOptions options, LoopTally tally)
    {
        (Track, Ssrc, _redType, _tally) = (track, ssrc, redType, tally);
        _speaker = SoundStamp.SpeakerOf(track.UserId);
        if (options.Listening == Listening.Sound)
        {
            var expected = options.Voices?.Find(track.UserId);
            _sound = new TrackSound(expected, options.Voices, options.TakeSound?.Invoke(track), tally);
            _playout = options.PlayoutDelay is { } delay ? new Playout(delay) : null;
        }

        Wanted = options.Retransmission ? new WantedPackets(options.PlayoutDelay ?? Patience) : null;
    }

    public OfferedTrack Track { get; }

    public uint Ssrc { get; }

    /// <summary>Hears nothing where nobody listens.</summary>
    public Ear? Ear => _sound?.Ear;

    /// <summary>What is to be asked for again; null where that was not agreed on.</summary>
    public WantedPackets? Wanted { get; }

    /// <summary>When its first packet came.</summary>
    public TimeSpan? FirstAt { get; private set; }

    /// <summary>How long its packets took, by the stamps in them.</summary>
    public Histogram Delay { get; } = new();

    public ReceiverStats Stats => _stats;

    public TrackReport Report =>
        new(Track, _stats.Received, _stats.Lost, _stats.Jitter, Sound, Delay, FirstAt) { Recovery = _recovery };

    /// <summary>When there is something to play or to ask for; null for nothing.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            var (play, ask) = (_playout?.NextAt, Wanted?.NextDue);
            return play is null || ask < play ? ask : play;
        }
    }

    public void OnSenderReport(NtpTime ntp, TimeSpan now) => _stats.OnSenderReport(ntp, now);

    public ReportBlock MakeReport(TimeSpan now) => _stats.MakeReport(Ssrc, now);

    /// <summary>Takes a packet; true if the ear has something new to tell.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="arrived">When it came to this machine's socket.</param>
    public bool OnPacket(in RtpPacket packet, TimeSpan arrived)
    {
        var isFirst = _stats.Received == 0;
        var expectedBefore = _stats.Expected;
        _stats.OnPacket(packet.SequenceNumber, packet.Timestamp, arrived);
        _tally.OnPacket(_stats.Expected - expectedBefore);
        FirstAt ??= arrived;
        if (Wanted?.OnPacket(packet.SequenceNumber, arrived) == true)
        {
            _recovery.Retransmitted++;
            _tally.Retransmitted++;
        }

        var isRed = packet.PayloadType == _redType;
        var frame = packet.Payload;
        if (isRed && !RedFrames.TryFind(packet.Payload, 0, out frame))
        {
            _packets.Undecodable++;
            return isFirst;
        }

        ReadStamp(frame, arrived);
        if (_sound is null)
        {
            return isFirst;
        }

        if (_playout is null)
        {
            return HearAtOnce(packet, frame, isRed, isFirst, arrived) || isFirst;
        }

        Hold(_playout, packet, frame, isRed, arrived);
        return isFirst;
    }

    /// <summary>Plays what is due; true if the ear has something new to tell.</summary>
    public bool Play(TimeSpan now)
    {
        var news = false;
        while (_playout is not null && _playout.TryPlay(now, out var frame))
        {
            _recovery.Concealed += frame.Concealed;
            switch (frame.Kind)
            {
                case FrameKind.Packet:
                    news |= _sound!.Play(frame.Payload, now);
                    break;
                case FrameKind.Redundant:
                    _recovery.FromRedundancy++;
                    news |= _sound!.Play(frame.Payload, now);
                    break;
                case FrameKind.ForwardErrorCorrection:
                    _recovery.FromForwardErrorCorrection++;
                    news |= _sound!.Conceal(frame.Payload, now);
                    break;
                case FrameKind.Missing:
                    news |= _sound!.PlayOn(now);
                    break;
                default:
                    news |= _sound!.PlaySilence(now);
                    break;
            }
        }

        return news;
    }

    public void Dispose() => _sound?.Dispose();

    private SoundCounts Sound
    {
        get
        {
            var counts = _sound?.Counts ?? default;
            counts.OthersPackets = _packets.OthersPackets;
            counts.Unstamped = _packets.Unstamped;
            counts.Undecodable += _packets.Undecodable;
            return counts;
        }
    }

    private void ReadStamp(ReadOnlySpan<byte> frame, TimeSpan arrived)
    {
        if (!SoundStamp.TryRead(frame, out var stamp))
        {
            _packets.Unstamped++;
            return;
        }

        if (stamp.Speaker != _speaker)
        {
            _packets.OthersPackets++;
            _tally.OthersPackets++;
        }

        if (stamp.Machine == SoundStamp.ThisMachine)
        {
            Delay.Add(arrived - stamp.SentAt);
            _tally.Delay.Add(arrived - stamp.SentAt);
        }
    }

    private void Hold(Playout playout, in RtpPacket packet, ReadOnlySpan<byte> frame, bool isRed, TimeSpan arrived)
    {
        if (!playout.Add(packet.Timestamp, packet.SequenceNumber, frame, arrived))
        {
            _recovery.TooLate++;
        }

        for (var n = Microphone.MaxRedundantFrames; isRed && n > 0; n--)
        {
            var offset = (uint)(n * OpusFormat.FrameSamples);
            if (playout.Wants(packet.Timestamp - offset) && RedFrames.TryFind(packet.Payload, offset, out var copy))
            {
                playout.AddCopy(packet.Timestamp - offset, copy);
            }
        }
    }

    private bool HearAtOnce(in RtpPacket packet, ReadOnlySpan<byte> frame, bool isRed, bool isFirst, TimeSpan arrived)
    {
        var missing = isFirst ? 0 : (short)(packet.SequenceNumber - _next);
        if (missing < 0)
        {
            _recovery.TooLate++;
            return false;
        }

        _next = (ushort)(packet.SequenceNumber + 1);
        if (missing > TrackSound.MaxConcealed)
        {
            _sound!.Unsettle();
            missing = 0;
        }

        var news = false;
        for (; missing > 0; missing--)
        {
            news |= MakeUpFor(missing, packet, frame, isRed, arrived);
        }

        return _sound!.Play(frame, arrived) || news;
    }

    // For the frame that is so many before the packet.
    private bool MakeUpFor(int back, in RtpPacket packet, ReadOnlySpan<byte> frame, bool isRed, TimeSpan arrived)
    {
        if (isRed && RedFrames.TryFind(packet.Payload, (uint)(back * OpusFormat.FrameSamples), out var copy))
        {
            _recovery.FromRedundancy++;
            return _sound!.Play(copy, arrived);
        }

        var isCarried = back == 1 && OpusPacket.CarriesFrameBefore(frame);
        _recovery.FromForwardErrorCorrection += isCarried ? 1 : 0;
        _recovery.Concealed += isCarried ? 0 : 1;
        return _sound!.Conceal(isCarried ? frame : default, arrived);
    }
}
