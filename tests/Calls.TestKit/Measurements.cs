using System.Diagnostics.Metrics;

namespace Calls.TestKit;

/// <summary>What one meter's instruments have measured: counters and histograms since the beginning, observed ones of now.</summary>
public sealed class Measurements : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly List<Measured> _recorded = [];
    private List<Measured> _observed = [];

    public Measurements(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Take(i, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Take(i, value, tags));
        _listener.Start();
    }

    private sealed record Measured(string Name, double Value, Dictionary<string, string?> Tags);

    /// <summary>The values of an instrument that were recorded, or are observed now, with all these attributes.</summary>
    public IReadOnlyList<double> Of(string name, params (string Name, string Value)[] with)
    {
        lock (_lock)
            _observed = [];
        _listener.RecordObservableInstruments();
        lock (_lock)
            return
            [
                .. _recorded
                    .Concat(_observed)
                    .Where(m => m.Name == name && with.All(w => m.Tags.GetValueOrDefault(w.Name) == w.Value))
                    .Select(m => m.Value),
            ];
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var attributes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, given) in tags)
            attributes[name] = given?.ToString();
        lock (_lock)
            (instrument.IsObservable ? _observed : _recorded).Add(new Measured(instrument.Name, value, attributes));
    }
}
