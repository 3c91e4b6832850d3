using Calls.Caller.Opus;

namespace Calls.Caller.Media;

/// <summary>The decoded sound of one remote track: what it is, and whether it is the speaker's own.</summary>
/// <param name="expected">The speaker's tone, if it is known.</param>
/// <param name="voices">The tones that there are.</param>
/// <param name="taker">Takes the samples too.</param>
/// <param name="tally">Counts for all callers.</param>
internal sealed class TrackSound(double? expected, Voices? voices, SoundTaker? taker, LoopTally tally) : IDisposable
{
    // More missing frames than this are a pause of the network, over which a made-up sound would only mislead the ear.
    public const int MaxConcealed = 5;

    // After so many frames at the beginning and after a gap a decoder has found in; what it makes before is judged by nobody.
    private const int WindowsToFindIn = 2;

    private readonly OpusDecoder _decoder = new();
    private readonly short[] _samples = new short[OpusFormat.MaxPacketSamples];
    private int _unsettled = WindowsToFindIn;
    private int _inARow; // frames without a packet
    private bool _wasUnclear; // a single such window is a talk spurt's beginning or end: part tone, part silence
    private SoundCounts _counts;

    public Ear Ear { get; } = new();

    public ref SoundCounts Counts => ref _counts;

    /// <summary>Plays a frame; true if the ear has something new to tell.</summary>
    public bool Play(ReadOnlySpan<byte> frame, TimeSpan now)
    {
        _inARow = 0;
        if (_decoder.TryDecode(frame, _samples, out var count))
        {
            return Listen(count, now);
        }

        _counts.Undecodable++;
        return false;
    }

    /// <summary>Plays a frame that did not come: from the coarse copy in the next one, or made up of what was before.</summary>
    public bool Conceal(ReadOnlySpan<byte> next, TimeSpan now) => Listen(_decoder.Conceal(next, _samples), now);

    /// <summary>Plays what is to be heard while nothing has come: for some frames more of what was before, then nothing.</summary>
    public bool PlayOn(TimeSpan now)
    {
        if (++_inARow <= MaxConcealed)
        {
            return Conceal(default, now);
        }

        Unsettle();
        return PlaySilence(now);
    }

    /// <summary>Plays a frame of silence.</summary>
    public bool PlaySilence(TimeSpan now)
    {
        _samples.AsSpan(0, OpusFormat.FrameSamples).Clear();
        return Listen(OpusFormat.FrameSamples, now);
    }

    /// <summary>What comes follows on nothing that was before: the decoder has to find in anew.</summary>
    public void Unsettle() => _unsettled = WindowsToFindIn;

    public void Dispose() => _decoder.Dispose();

    private bool Listen(int count, TimeSpan now)
    {
        taker?.Invoke(_samples.AsSpan(0, count));
        if (!Ear.Listen(_samples.AsSpan(0, count), now))
        {
            return false;
        }

        if (_unsettled > 0)
        {
            _unsettled--;
        }
        else if (expected is { } tone)
        {
            Count(Ear.Judge(tone, voices!.All));
        }

        return true;
    }

    private void Count(HeardSound heard)
    {
        switch (heard)
        {
            case HeardSound.Right:
                _counts.RightWindows++;
                break;
            case HeardSound.Wrong:
                _counts.WrongWindows++;
                tally.WrongWindows++;
                break;
            case HeardSound.Unclear when _wasUnclear:
                _counts.UnclearWindows++;
                tally.UnclearWindows++;
                break;
        }

        _wasUnclear = heard == HeardSound.Unclear;
    }
}
