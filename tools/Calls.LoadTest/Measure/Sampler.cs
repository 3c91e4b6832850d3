using Calls.Caller;
using Calls.Caller.Media;

namespace Calls.LoadTest.Measure;

/// <summary>Looks each second at what has happened in it, and adds it up for the whole run.</summary>
internal sealed class Sampler : IAsyncDisposable
{
    private readonly RunMeter _meter;
    private readonly CallerLoop _loop;
    private readonly PoolLag _pool = new();
    private readonly ProcessLoad _own = new(Environment.ProcessId);
    private readonly ProcessLoad? _service;
    private readonly List<Sample> _samples = [];

    public Sampler(RunMeter meter, CallerLoop loop, int? serviceProcess)
    {
        _meter = meter;
        _loop = loop;
        _service = serviceProcess is { } id ? new ProcessLoad(id) : null;
    }

    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>All packets' delays.</summary>
    public Histogram Delay { get; } = new();

    /// <summary>The media thread's lag over the run.</summary>
    public Histogram MediaLag { get; } = new();

    public long Sent { get; private set; }

    public long NotSent { get; private set; }

    public long Received { get; private set; }

    public long Expected { get; private set; }

    /// <summary>Of the received, those that came only when they had been asked for again.</summary>
    public long Recovered { get; private set; }

    /// <summary>What never came, not when asked for again either.</summary>
    public long Lost => Math.Max(0, Expected - Received);

    public double Loss => Share(Lost, Expected);

    /// <summary>Takes the time since the last one.</summary>
    public async Task<Sample> Take(TimeSpan at)
    {
        var tally = await _loop.TakeTally();
        Delay.Add(tally.Delay);
        MediaLag.Add(tally.Lag);
        Sent += tally.Sent;
        NotSent += tally.NotSent;
        Received += tally.Received;
        Expected += tally.Expected;
        Recovered += tally.Retransmitted;
        var sample = new Sample
        {
            At = at.TotalSeconds,
            LiveCalls = _meter.Live,
            Talking = _meter.Talking,
            Started = _meter.Started,
            Rung = _meter.Rung,
            Joined = _meter.Joined,
            Errors = _meter.ErrorCount,
            Sent = tally.Sent,
            Received = tally.Received,
            Loss = Share(tally.Expected - tally.Received, tally.Expected),
            DelayP50Ms = tally.Delay.Quantile(0.5)?.TotalMilliseconds,
            DelayP99Ms = tally.Delay.Quantile(0.99)?.TotalMilliseconds,
            DelayMaxMs = tally.Delay.Count == 0 ? null : tally.Delay.Max.TotalMilliseconds,
            MediaLagP99Ms = tally.Lag.Quantile(0.99)?.TotalMilliseconds,
            SignallingLagMs = _pool.Take().TotalMilliseconds,
            Cores = _own.TakeCores(),
            ServiceCores = _service?.TakeCores(),
            ServiceMib = _service?.ResidentMib(),
        };
        _samples.Add(sample);
        return sample;
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    // What came late from the second before may make it negative.
    private static double Share(long part, long all) => all <= 0 || part <= 0 ? 0 : (double)part / all;
}
