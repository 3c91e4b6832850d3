using Calls.Caller.Media;

namespace Calls.LoadTest.Measure;

/// <summary>What came of one call.</summary>
internal sealed class CallRecord
{
    private readonly Lock _lock = new();
    private readonly List<string> _errors = [];
    private readonly List<TimeSpan> _rings = [];
    private readonly List<TimeSpan> _joins = [];

    public required int Number { get; init; }

    public required string Channel { get; init; }

    public required string Pattern { get; init; }

    public required int Members { get; init; }

    /// <summary>When it started, from the run's beginning.</summary>
    public required TimeSpan StartedAt { get; init; }

    /// <summary>When it had ended everywhere.</summary>
    public TimeSpan? EndedAt { get; set; }

    /// <summary>From <c>call_start</c> to each member's <c>incoming_call</c>.</summary>
    public IReadOnlyList<TimeSpan> Rings => Copy(_rings);

    /// <summary>From each <c>call_start</c> and <c>call_join</c> to the moment when that caller's media could flow.</summary>
    public IReadOnlyList<TimeSpan> Joins => Copy(_joins);

    /// <summary>What went wrong, in words.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    /// <summary>What came of the sound.</summary>
    public CallSound Sound { get; set; } = new();

    public void AddRing(TimeSpan time) => Add(_rings, time);

    public void AddJoin(TimeSpan time) => Add(_joins, time);

    public void AddError(string error) => Add(_errors, error);

    private void Add<T>(List<T> list, T item)
    {
        lock (_lock)
            list.Add(item);
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (_lock)
            return [.. list];
    }
}

/// <summary>The sound of one call, over all who listened.</summary>
internal sealed class CallSound
{
    public long Received { get; private set; }

    public long Lost { get; private set; }

    public TimeSpan MaxJitter { get; private set; }

    public Histogram Delay { get; } = new();

    /// <summary>Tracks in which the speaker's tone was listened for, and there was something to hear.</summary>
    public int TonesExpected { get; private set; }

    /// <summary>Those in which it was found.</summary>
    public int TonesFound { get; private set; }

    /// <summary>Tracks in which somebody else was heard.</summary>
    public int WrongTracks { get; private set; }

    /// <summary>Windows of 100 ms with sound that is nobody's tone.</summary>
    public int UnclearWindows { get; private set; }

    public double Loss => Received + Lost == 0 ? 0 : (double)Math.Max(0, Lost) / (Received + Lost);

    public void Add(TrackReport track)
    {
        Received += track.Received;
        Lost += track.Lost;
        MaxJitter = track.Jitter > MaxJitter ? track.Jitter : MaxJitter;
        Delay.Add(track.Delay);
        TonesExpected += track.ToneFound is null ? 0 : 1;
        TonesFound += track.ToneFound == true ? 1 : 0;
        WrongTracks += track.WrongSound ? 1 : 0;
        UnclearWindows += track.Sound.UnclearWindows;
    }
}
