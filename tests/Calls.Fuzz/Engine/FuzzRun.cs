using System.Diagnostics;

namespace Calls.Fuzz.Engine;

/// <summary>How long a run goes on, and where its chance comes from.</summary>
internal sealed record FuzzOptions
{
    public required int Seed { get; init; }

    /// <summary>Most cases.</summary>
    public long Cases { get; init; } = long.MaxValue;

    /// <summary>Longest time, by the wall clock.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.MaxValue;

    /// <summary>A case that takes longer, by the wall clock, has no end: a million times what one takes.</summary>
    public TimeSpan HangAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Cases between two looks at the state; it takes longer than a case.</summary>
    public int WeighEvery { get; init; } = 500;
}

/// <summary>One target, one seed, case after case, until the end or the first finding. The cases run on a thread of their own, which is watched.</summary>
internal sealed class FuzzRun(string name, Func<FuzzTarget> factory, Corpus corpus, FuzzOptions options)
{
    /// <summary>What costs too much is run so often again, and the least counts: the first time code is compiled and tables are made.</summary>
    private const int Repeats = 5;

    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(100);

    private readonly Meter _meter = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private volatile byte[] _input = [];
    private volatile Finding? _finding;
    private long _cases;
    private long _caseStarted;

    /// <summary>Cases that have been run.</summary>
    public long Cases => Interlocked.Read(ref _cases);

    /// <summary>Bytes of state when it was last looked at.</summary>
    public long Weight { get; private set; }

    /// <summary>Runs.</summary>
    /// <param name="progress">Called several times a second.</param>
    /// <returns>The fault, or null.</returns>
    public Finding? Run(Action<FuzzRun>? progress = null)
    {
        var worker = new Thread(Loop) { IsBackground = true, Name = "fuzz" };
        Interlocked.Exchange(ref _caseStarted, _clock.ElapsedTicks);
        worker.Start();
        while (!worker.Join(WatchEvery))
        {
            progress?.Invoke(this);
            var took = Stopwatch.GetElapsedTime(Interlocked.Read(ref _caseStarted), _clock.ElapsedTicks);
            if (took > options.HangAfter)
            {
                return Found(FindingKind.Hang, $"no end after {took.TotalSeconds:0.0} s", _input);
            }
        }
        return _finding;
    }

    /// <summary>Runs one input that is there already.</summary>
    public Finding? Replay(byte[] input)
    {
        using var target = factory();
        _cases = -1;
        return Try(target, input) ?? Weigh(target, input);
    }

    private void Loop()
    {
        using var target = factory();
        while (_finding is null && _cases < options.Cases && _clock.Elapsed < options.Time)
        {
            Interlocked.Exchange(ref _caseStarted, _clock.ElapsedTicks);
            var input = target.Make(ChanceOf(name, options.Seed, _cases), corpus);
            _input = input;
            _finding = Try(target, input);
            if (_finding is null && (_cases + 1) % options.WeighEvery == 0)
            {
                _finding = Weigh(target, input);
            }
            Interlocked.Increment(ref _cases);
        }
        _finding ??= Weigh(target, _input);
    }

    private Finding? Try(FuzzTarget target, byte[] input)
    {
        var (allocated, time) = (long.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < Repeats; i++)
        {
            try
            {
                _meter.Reset();
                target.Run((byte[])input.Clone(), _meter);
            }
            catch (Exception fault)
            {
                return Found(FindingKind.Thrown, fault.ToString(), input);
            }
            allocated = Math.Min(allocated, _meter.Allocated);
            time = _meter.Time < time ? _meter.Time : time;
            if (allocated <= target.MaxAllocated(input.Length) && time <= target.MaxTime)
            {
                return null;
            }
        }
        return allocated > target.MaxAllocated(input.Length)
            ? Found(FindingKind.Allocation, $"{allocated} bytes, {target.MaxAllocated(input.Length)} allowed", input)
            : Found(
                FindingKind.Time,
                $"{time.TotalMilliseconds:0.0} ms, {target.MaxTime.TotalMilliseconds} allowed",
                input
            );
    }

    private Finding? Weigh(FuzzTarget target, byte[] input)
    {
        if (target.State is not { } state)
        {
            return null;
        }
        Weight = StateWeight.Of(state);
        return Weight <= target.MaxState
            ? null
            : Found(FindingKind.Growth, $"{Weight} bytes of state, {target.MaxState} allowed", input);
    }

    private Finding Found(FindingKind kind, string message, byte[] input) =>
        new(name, kind, message, options.Seed, _cases, input);

    // Each case has a chance of its own, so that one is made again without those before it.
    private static Random ChanceOf(string name, int seed, long number)
    {
        var mixed = 14_695_981_039_346_656_037UL ^ (uint)seed;
        foreach (var letter in name)
        {
            mixed = (mixed ^ letter) * 1_099_511_628_211;
        }
        mixed = (mixed ^ (ulong)number) * 1_099_511_628_211;
        mixed ^= mixed >> 29;
        return new Random((int)(mixed ^ (mixed >> 32)));
    }
}
