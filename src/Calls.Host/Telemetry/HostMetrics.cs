using System.Diagnostics.Metrics;
using System.Globalization;
using Calls.Host.Signalling;
using Calls.Protocol;

namespace Calls.Host.Telemetry;

/// <summary>The figures of connections and commands, as <c>docs/operations.md</c> lists them.</summary>
internal sealed class HostMetrics : IDisposable
{
    /// <summary>The name by which an exporter subscribes.</summary>
    public const string MeterName = "Calls.Host";

    /// <summary>A connection that ended without a close (RFC 6455 §7.1.5).</summary>
    private const int Abnormal = 1006;

    /// <summary>Stands for codes that clients made up: they are free to, and a metric is no place for them.</summary>
    private const string OtherCode = "_OTHER";

    private static readonly HashSet<int> KnownCodes =
    [
        1000,
        1001,
        1003,
        1005,
        Abnormal,
        1009,
        CloseCode.Malformed.Code,
        CloseCode.NotAuthenticated.Code,
        CloseCode.Silent.Code,
        CloseCode.Flooding.Code,
    ];

    /// <summary>Seconds. From a look into memory to the deadline of a request.</summary>
    private static readonly double[] CommandBounds =
    [
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
        10,
    ];

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _commands;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _refused;
    private long _toldAgain;
    private long _open;

    /// <summary>A connection had missed something.</summary>
    public void ToldAgain() => Interlocked.Increment(ref _toldAgain);

    public HostMetrics(Connections connections)
    {
        _commands = _meter.CreateHistogram(
            "calls.command.duration",
            "s",
            "From a request to its answer",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = CommandBounds }
        );
        _meter.CreateObservableUpDownCounter(
            "calls.connection.count",
            () => States(connections.Count),
            "{connection}",
            "Open WebSockets"
        );
        _meter.CreateObservableCounter(
            "calls.connection.told_again",
            () => Interlocked.Read(ref _toldAgain),
            "{connection}",
            "Connections that were sent the whole state again, because something was lost between nodes"
        );
        _closed = _meter.CreateCounter<long>("calls.connection.closed", "{connection}", "WebSockets that ended");
        _refused = _meter.CreateCounter<long>(
            "calls.connection.message.refused",
            "{message}",
            "Messages that were no request or came before authentication"
        );
    }

    /// <summary>A WebSocket was accepted.</summary>
    public void Opened() => Interlocked.Increment(ref _open);

    /// <summary>A WebSocket is over; <paramref name="code"/> is null when it just broke off.</summary>
    public void Closed(int? code)
    {
        Interlocked.Decrement(ref _open);
        var known = code ?? Abnormal;
        var name = KnownCodes.Contains(known) ? known.ToString(CultureInfo.InvariantCulture) : OtherCode;
        _closed.Add(1, new KeyValuePair<string, object?>("calls.connection.close_code", name));
    }

    /// <summary>A message was answered without anybody being asked.</summary>
    public void Refused(ErrorCode code) =>
        _refused.Add(1, new KeyValuePair<string, object?>("error.type", code.ToWire()));

    /// <summary>A command has been answered.</summary>
    public void Answered(Command command, CommandResult outcome, TimeSpan took)
    {
        var tags = new System.Diagnostics.TagList
        {
            { "calls.command.name", command.Name },
            { "calls.command.transport", command.Transport },
        };
        if (outcome.Error is { } error)
            tags.Add("error.type", error.ToWire());
        _commands.Record(took.TotalSeconds, tags);
    }

    public void Dispose() => _meter.Dispose();

    private Measurement<long>[] States(int authenticated) =>
        [
            new(authenticated, new KeyValuePair<string, object?>("calls.connection.state", "authenticated")),
            new(
                Math.Max(0, Interlocked.Read(ref _open) - authenticated),
                new KeyValuePair<string, object?>("calls.connection.state", "unauthenticated")
            ),
        ];
}
