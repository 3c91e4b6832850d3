using System.Diagnostics.Tracing;

namespace Calls.Host.Telemetry;

/// <summary>Brings what OpenTelemetry complains of (a collector that does not answer, a variable that it cannot read) into the log.</summary>
internal sealed class ExportTroubles : EventListener
{
    private const string Prefix = "OpenTelemetry-";

    /// <summary>Said of every meter of the framework that nobody asked for.</summary>
    private const string NotAsked = "MetricInstrumentIgnored";

    /// <summary>The same complaint is repeated no sooner: an export fails as often as it is tried.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTime> _said = new(StringComparer.Ordinal);
    private readonly List<EventSource> _early = [];
    private readonly ILogger? _log;

    public ExportTroubles(ILogger log)
    {
        // The base class has told of the sources that there are before this constructor begins. They are enabled
        // outside of the lock: the runtime holds one of its own while it tells of new ones.
        EventSource[] early;
        lock (_lock)
        {
            _log = log;
            early = [.. _early];
        }
        foreach (var source in early)
            EnableEvents(source, EventLevel.Warning);
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (!eventSource.Name.StartsWith(Prefix, StringComparison.Ordinal))
            return;
        lock (_lock)
        {
            if (_log is null)
            {
                _early.Add(eventSource);
                return;
            }
        }
        EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == NotAsked)
            return;
        var words = string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            eventData.Message ?? eventData.EventName ?? "",
            [.. eventData.Payload ?? []]
        );
        lock (_lock)
        {
            var key = $"{eventData.EventSource.Name}/{eventData.EventId}";
            if (_said.TryGetValue(key, out var last) && eventData.TimeStamp - last < Pause)
                return;
            _said[key] = eventData.TimeStamp;
        }
        _log!.LogWarning("{Source}: {Complaint}", eventData.EventSource.Name, words.Split('\n')[0]);
    }
}
