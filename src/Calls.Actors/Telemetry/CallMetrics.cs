using System.Diagnostics.Metrics;
using System.Text.Json;
using Calls.Actors.Kernel;
using Calls.Protocol;

namespace Calls.Actors.Telemetry;

/// <summary>
/// The figures of calls, journal and actors, as <c>docs/operations.md</c> lists them. They cost next to nothing while
/// nobody listens, and know nothing of who does.
/// </summary>
public sealed class CallMetrics : IDisposable
{
    /// <summary>The name by which an exporter subscribes.</summary>
    public const string MeterName = "Calls.Actors";

    /// <summary>Seconds. From a phone picked up at once to the end of the longest ring that may be configured sensibly.</summary>
    private static readonly double[] RingBounds = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300];

    /// <summary>Seconds. From a wrong number to a whole day's open line.</summary>
    private static readonly double[] CallBounds = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800];

    /// <summary>Seconds. From an append without a flush to Redis' deadline of 2 s and beyond.</summary>
    private static readonly double[] AppendBounds =
    [
        0.0001,
        0.00025,
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
    ];

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _ring;
    private readonly Histogram<double> _append;
    private long _healed;

    public CallMetrics()
    {
        _meter.CreateObservableUpDownCounter(
            "calls.call.count",
            () => new[] { StateOf("ringing", CallStatus.Ringing), StateOf("active", CallStatus.Active) },
            "{call}",
            "Live calls whose home is this node"
        );
        _ended = _meter.CreateCounter<long>("calls.call.ended", "{call}", "Calls that ended");
        _duration = Seconds("calls.call.duration", "From the answer to the end of a call", CallBounds);
        _ring = Seconds("calls.ring.duration", "How long one target was rung", RingBounds);
        _meter.CreateObservableCounter(
            "calls.journal.healed",
            () => Interlocked.Read(ref _healed),
            "{event}",
            "Events that the store had lost and was told again by the calls' homes"
        );
        _append = Seconds("calls.journal.append.duration", "Making events durable", AppendBounds);
    }

    /// <summary>Whose instruments these are, for those who want this instance's and no other's.</summary>
    public Meter Meter => _meter;

    /// <summary>The calls that live here.</summary>
    public LiveCalls Live { get; } = new();

    /// <summary>Shows what the kernel knows of its actors.</summary>
    public void Observe(ActorSystem actors)
    {
        _meter.CreateObservableUpDownCounter(
            "calls.actor.count",
            () => actors.Loads().Select(load => Of(load, load.Actors)),
            "{actor}",
            "Actors that live"
        );
        _meter.CreateObservableUpDownCounter(
            "calls.actor.mailbox.depth",
            () => actors.Loads().Select(load => Of(load, load.Waiting)),
            "{message}",
            "Messages that wait in all mailboxes"
        );
        _meter.CreateObservableGauge(
            "calls.actor.mailbox.max_depth",
            () => actors.Loads().Select(load => Of(load, load.Deepest)),
            "{message}",
            "Messages that wait in the fullest mailbox"
        );
        _meter.CreateObservableCounter(
            "calls.actor.restarts",
            () => actors.Loads().Select(load => Of(load, load.Restarts)),
            "{restart}",
            "Actors that crashed and were started anew"
        );
        _meter.CreateObservableCounter(
            "calls.actor.message.dropped",
            () =>
                new[]
                {
                    Dropped("mailbox_full", actors.Rejected),
                    Dropped("stopped", actors.DeadLetters),
                    Dropped("crashed", actors.GivenUp),
                },
            "{message}",
            "Messages that no actor handled"
        );
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Counts what an event ends.</summary>
    /// <param name="before">The state that it came to.</param>
    /// <param name="happened">The event, which is durable.</param>
    /// <param name="policy">Says how long a ring lasts.</param>
    internal void Happened(CallState before, CallEvent happened, CallPolicy policy)
    {
        if (_ring.Enabled)
        {
            foreach (var ring in RingOutcome.Of(before, happened, policy))
                _ring.Record(
                    ring.Duration.TotalSeconds,
                    new KeyValuePair<string, object?>("calls.ring.outcome", ring.Name)
                );
        }
        if (happened is not CallEnded end)
            return;
        var reason = new KeyValuePair<string, object?>("calls.call.end_reason", NameOf(end.Reason));
        _ended.Add(1, reason);
        if (before.AnsweredAt is { } answered)
            _duration.Record((end.At - answered).TotalSeconds, reason);
    }

    /// <summary>An append has come back, or failed.</summary>
    internal void Appended(string store, TimeSpan took, string? error)
    {
        var kind = new KeyValuePair<string, object?>("calls.store", store);
        if (error is null)
            _append.Record(took.TotalSeconds, kind);
        else
            _append.Record(took.TotalSeconds, kind, new KeyValuePair<string, object?>(ActorTraces.ErrorType, error));
    }

    /// <summary>So many events were appended once more.</summary>
    internal void Healed(int events) => Interlocked.Add(ref _healed, events);

    private static string NameOf(EndReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());

    private static Measurement<long> Of(ActorLoad load, long value) =>
        new(value, new KeyValuePair<string, object?>("calls.actor.type", load.Type));

    private static Measurement<long> Dropped(string reason, long count) =>
        new(count, new KeyValuePair<string, object?>("calls.actor.drop_reason", reason));

    private Measurement<long> StateOf(string name, CallStatus status) =>
        new(Live.Count(status), new KeyValuePair<string, object?>("calls.call.status", name));

    private Histogram<double> Seconds(string name, string description, double[] bounds) =>
        _meter.CreateHistogram(
            name,
            "s",
            description,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds }
        );
}
