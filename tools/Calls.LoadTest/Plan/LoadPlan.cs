using Calls.LoadTest.Options;

namespace Calls.LoadTest.Plan;

/// <summary>
/// What happens when in a run: made beforehand out of options and a seed, without a clock. The run follows it as well as the service
/// lets it; where that is late, a conversation's next call is late too, and none is left out.
/// </summary>
internal sealed class LoadPlan
{
    /// <summary>A call that would have less time than this before the end is not begun: it would measure the end.</summary>
    private static readonly TimeSpan ShortestCall = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan WarmUpLength = TimeSpan.FromSeconds(2);

    // People answer within a second here, to have the load soon; rings of real length belong to ring-only.
    private static readonly (double, double) AnswerSeconds = (0.1, 1);
    private static readonly (double, double) ChurnSeconds = (5, 15);
    private static readonly (double, double) RingSeconds = (1, 4);
    private static readonly (double, double) PauseSeconds = (1, 3);

    private readonly Random _random;

    private LoadPlan(LoadOptions options)
    {
        _random = new Random(options.Seed);
        Sizes = [.. Enumerable.Range(0, options.Calls).Select(_ => _random.Next(options.MinSize, options.MaxSize + 1))];
        Ramp = (options.Calls - 1) * Between(options.Rate);
        End = Ramp + options.Duration;
        Calls = [.. Schedule(options)];
    }

    /// <summary>How many members each conversation has.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>When the last conversation begins.</summary>
    public TimeSpan Ramp { get; }

    /// <summary>When all calls are ended.</summary>
    public TimeSpan End { get; }

    /// <summary>All calls, in the order in which they start.</summary>
    public IReadOnlyList<PlannedCall> Calls { get; }

    public static LoadPlan Create(LoadOptions options) => new(options);

    /// <summary>
    /// A call for the first conversation that is not counted: it finds code that was not compiled and caches that are cold, in the load
    /// tester as in a service that was just started.
    /// </summary>
    public static PlannedCall WarmUp(int size, TimeSpan at) =>
        new(
            0,
            Pattern.Hold,
            at,
            at + WarmUpLength,
            [.. Enumerable.Range(1, size - 1).Select(index => new PlannedMember(index, Answer.Joins, TimeSpan.Zero))]
        );

    // Whoever is free first starts next, and no two starts are closer than the rate allows: so the ramp comes by itself.
    private IEnumerable<PlannedCall> Schedule(LoadOptions options)
    {
        var free = new PriorityQueue<int, (TimeSpan, int)>();
        for (var conversation = 0; conversation < options.Calls; conversation++)
            free.Enqueue(conversation, (TimeSpan.Zero, conversation));
        var allowed = TimeSpan.Zero;
        while (free.TryDequeue(out var conversation, out var since))
        {
            var at = since.Item1 > allowed ? since.Item1 : allowed;
            if (End - at < ShortestCall && at > Ramp)
                continue; // and those that are free later even less
            allowed = at + Between(options.Rate);
            var call = MakeCall(conversation, PatternOf(options.Pattern, conversation), at);
            yield return call;
            if (call.Pattern != Pattern.Hold)
            {
                var next = call.Until + Seconds(PauseSeconds);
                free.Enqueue(conversation, (next, conversation));
            }
        }
    }

    private PlannedCall MakeCall(int conversation, Pattern pattern, TimeSpan at)
    {
        var length = pattern switch
        {
            Pattern.Churn => Seconds(ChurnSeconds),
            Pattern.RingOnly => Seconds(RingSeconds),
            _ => End - at,
        };
        var until = at + length < End ? at + length : End;
        var declines = pattern == Pattern.RingOnly && _random.NextDouble() < 0.4;
        var called = new List<PlannedMember>();
        for (var index = 1; index < Sizes[conversation]; index++)
        {
            called.Add(
                pattern == Pattern.RingOnly
                    ? new PlannedMember(
                        index,
                        declines ? Answer.Declines : Answer.Ignores,
                        _random.NextDouble() * (until - at)
                    )
                    : new PlannedMember(index, Answer.Joins, Seconds(AnswerSeconds))
            );
        }
        // In a group that churns, the last to be called leaves in the middle and is back for the last quarter.
        if (pattern == Pattern.Churn && called.Count > 1)
            called[^1] = called[^1] with { LeavesAt = (until - at) * 0.5, ReturnsAt = (until - at) * 0.75 };
        return new PlannedCall(conversation, pattern, at, until, called);
    }

    private static Pattern PatternOf(Pattern asked, int conversation) =>
        asked != Pattern.Mixed
            ? asked
            : (conversation % 5) switch
            {
                1 => Pattern.Churn,
                3 => Pattern.RingOnly,
                _ => Pattern.Hold,
            };

    private static TimeSpan Between(double rate) => TimeSpan.FromSeconds(1 / rate);

    private TimeSpan Seconds((double Least, double Most) range) =>
        TimeSpan.FromSeconds(range.Least + (_random.NextDouble() * (range.Most - range.Least)));
}
