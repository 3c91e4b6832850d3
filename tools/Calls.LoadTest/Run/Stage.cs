using System.Diagnostics;
using Calls.LoadTest.Measure;

namespace Calls.LoadTest.Run;

/// <summary>What all conversations of a run share.</summary>
internal sealed class Stage(Cast cast, TokenSource tokens, IReadOnlyList<Uri> nodes, CancellationToken stop)
{
    private long _began = Stopwatch.GetTimestamp();

    public Cast Cast => cast;

    /// <summary>Counts what happens; before <see cref="Begin"/> for nobody.</summary>
    public RunMeter Meter { get; private set; } = new();

    public TokenSource Tokens => tokens;

    /// <summary>Since the run began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_began);

    /// <summary>Whether the run is to end early.</summary>
    public bool IsStopping => stop.IsCancellationRequested;

    /// <summary>The node that a member talks to: a conversation's members are spread over them.</summary>
    public Uri Node(int conversation, int member) => nodes[(conversation + member) % nodes.Count];

    /// <summary>Everybody is there: time counts from here.</summary>
    public void Begin(RunMeter meter)
    {
        Meter = meter;
        _began = Stopwatch.GetTimestamp();
    }

    /// <summary>Waits for a moment of the run; not at all if it is to end early.</summary>
    public async Task Until(TimeSpan at)
    {
        var left = at - Elapsed;
        if (left <= TimeSpan.Zero || IsStopping)
            return;
        try
        {
            await Task.Delay(left, stop);
        }
        catch (OperationCanceledException)
        {
            // What waits goes on to its end at once.
        }
    }
}
