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
internal sealed class RemoteTrack(OfferedTrack track, uint ssrc, Listening listening, Voices? voices, LoopTally tally)
    : IDisposable
{
    // More missing packets than this are a pause of the network, over which a made-up sound would only mislead the ear.
    private const int MaxConcealed = 5;

    // After so many frames at the beginning and after a gap a decoder has found in; what it makes before is judged by nobody.
    private const int WindowsToFindIn = 2;

    private readonly OpusDecoder? _decoder = listening == Listening.Sound ? new() : null;
    private readonly uint _speaker = SoundStamp.SpeakerOf(track.UserId);
    private readonly double? _expected = voices?.Find(track.UserId);
    private readonly short[] _samples = listening == Listening.Sound ? new short[OpusFormat.MaxPacketSamples] : [];
    private ushort _next;
    private int _unsettled = WindowsToFindIn;
    private bool _wasUnclear; // a single such window is a talk spurt's beginning or end: part tone, part silence
    private ReceiverStats _stats = new(OpusFormat.SampleRate);
    private SoundCounts _sound;

    public OfferedTrack Track { get; } = track;

    public uint Ssrc { get; } = ssrc;

    public Ear Ear { get; } = new();

    /// <summary>When its first packet came.</summary>
    public TimeSpan? FirstAt { get; private set; }

    /// <summary>How long its packets took, by the stamps in them.</summary>
    public Histogram Delay { get; } = new();

    public ReceiverStats Stats => _stats;

    public TrackReport Report => new(Track, _stats.Received, _stats.Lost, _stats.Jitter, _sound, Delay, FirstAt);

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
        tally.OnPacket(_stats.Expected - expectedBefore);
        FirstAt ??= arrived;
        ReadStamp(packet.Payload, arrived);
        var missing = isFirst ? 0 : (short)(packet.SequenceNumber - _next);
        if (missing < 0)
        {
            return isFirst; // its moment has passed
        }

        _next = (ushort)(packet.SequenceNumber + 1);
        return Hear(packet, missing, arrived) || isFirst;
    }

    public void Dispose() => _decoder?.Dispose();

    private void ReadStamp(ReadOnlySpan<byte> payload, TimeSpan arrived)
    {
        if (!SoundStamp.TryRead(payload, out var stamp))
        {
            _sound.Unstamped++;
            return;
        }

        if (stamp.Speaker != _speaker)
        {
            _sound.OthersPackets++;
            tally.OthersPackets++;
        }

        if (stamp.Machine == SoundStamp.ThisMachine)
        {
            Delay.Add(arrived - stamp.SentAt);
            tally.Delay.Add(arrived - stamp.SentAt);
        }
    }

    private bool Hear(in RtpPacket packet, int missing, TimeSpan arrived)
    {
        if (_decoder is null)
        {
            return false;
        }

        _unsettled = missing > MaxConcealed ? WindowsToFindIn : _unsettled;
        var news = false;
        for (; missing is > 0 and <= MaxConcealed; missing--)
        {
            var count = _decoder.Conceal(missing == 1 ? packet.Payload : default, _samples);
            news |= Listen(count, arrived);
        }

        if (!_decoder.TryDecode(packet.Payload, _samples, out var decoded))
        {
            _sound.Undecodable++;
            return news;
        }

        return Listen(decoded, arrived) || news;
    }

    private bool Listen(int count, TimeSpan arrived)
    {
        if (!Ear.Listen(_samples.AsSpan(0, count), arrived))
        {
            return false;
        }

        if (_unsettled > 0)
        {
            _unsettled--;
        }
        else if (_expected is { } expected)
        {
            Count(Ear.Judge(expected, voices!.All));
        }

        return true;
    }

    private void Count(HeardSound heard)
    {
        switch (heard)
        {
            case HeardSound.Right:
                _sound.RightWindows++;
                break;
            case HeardSound.Wrong:
                _sound.WrongWindows++;
                tally.WrongWindows++;
                break;
            case HeardSound.Unclear when _wasUnclear:
                _sound.UnclearWindows++;
                tally.UnclearWindows++;
                break;
        }

        _wasUnclear = heard == HeardSound.Unclear;
    }
}
