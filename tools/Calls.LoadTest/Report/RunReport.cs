using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Calls.Caller.Media;
using Calls.LoadTest.Measure;
using Calls.LoadTest.Options;
using Calls.LoadTest.Plan;

namespace Calls.LoadTest.Report;

/// <summary>What is known of a run from outside.</summary>
internal sealed record RunFacts(
    DateTimeOffset StartedAt,
    TimeSpan Took,
    bool Interrupted,
    IReadOnlyList<Uri> Nodes,
    bool OwnService,
    int Users
);

/// <summary>All that is told of a run; what stands in the JSON file, in this form. Times are in milliseconds where the name says so, else in seconds.</summary>
internal sealed record RunReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>The form of this report; a change that a reader would notice raises it.</summary>
    public int Format { get; init; } = 1;

    public required DateTimeOffset StartedAt { get; init; }

    public required double TookSecs { get; init; }

    public required bool Interrupted { get; init; }

    public required RunSettings Settings { get; init; }

    public required string Machine { get; init; }

    /// <summary>Whether all limits held; true where none was given.</summary>
    public required bool Held { get; init; }

    public required IReadOnlyList<LimitResult> Limits { get; init; }

    public required OwnReport Own { get; init; }

    public required Totals Totals { get; init; }

    public required Percentiles RingMs { get; init; }

    public required Percentiles JoinMs { get; init; }

    public required Percentiles FirstSoundMs { get; init; }

    public required Percentiles DelayMs { get; init; }

    public required IReadOnlyDictionary<string, int> Errors { get; init; }

    public required IReadOnlyList<Sample> Samples { get; init; }

    public required IReadOnlyList<CallLine> Calls { get; init; }

    public static RunReport Create(LoadOptions options, LoadPlan plan, RunMeter meter, Sampler sampler, RunFacts facts)
    {
        var outcome = new Outcome(
            sampler.Expected == 0 ? null : sampler.Loss,
            sampler.Delay.Quantile(0.99),
            meter.Join.Quantile(0.99),
            meter.ErrorCount
        );
        var limits = outcome.Judge(options.Limits);
        var calls = meter.Calls;
        return new RunReport
        {
            StartedAt = facts.StartedAt,
            TookSecs = facts.Took.TotalSeconds,
            Interrupted = facts.Interrupted,
            Settings = RunSettings.Of(options, plan, facts),
            Machine =
                $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
            Held = limits.All(limit => limit.Held),
            Limits = limits,
            Own = OwnReport.Of(sampler),
            Totals = Totals.Of(meter, sampler, calls),
            RingMs = Percentiles.Of(meter.Ring),
            JoinMs = Percentiles.Of(meter.Join),
            FirstSoundMs = Percentiles.Of(meter.FirstSound),
            DelayMs = Percentiles.Of(sampler.Delay),
            Errors = meter.Errors.OrderByDescending(e => e.Value).ToDictionary(StringComparer.Ordinal),
            Samples = sampler.Samples,
            Calls = [.. calls.Select(CallLine.Of)],
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>What was asked for.</summary>
internal sealed record RunSettings(
    int Calls,
    string Size,
    double RatePerSecond,
    double DurationSecs,
    double RampSecs,
    Pattern Pattern,
    Listen Listen,
    string Profile,
    double Lose,
    bool Retransmission,
    int Users,
    int Seed,
    IReadOnlyList<string> Nodes,
    bool OwnService
)
{
    public static RunSettings Of(LoadOptions options, LoadPlan plan, RunFacts facts) =>
        new(
            options.Calls,
            $"{options.MinSize}..{options.MaxSize}",
            options.Rate,
            options.Duration.TotalSeconds,
            plan.Ramp.TotalSeconds,
            options.Pattern,
            options.Listen,
            options.Profile?.Name ?? "all",
            options.Lose,
            options.Retransmission,
            facts.Users,
            options.Seed,
            [.. facts.Nodes.Select(node => node.AbsoluteUri)],
            facts.OwnService
        );
}

/// <summary>How the load tester itself fared.</summary>
internal sealed record OwnReport(
    bool Bottleneck,
    string Why,
    int LateSeconds,
    Percentiles MediaLagMs,
    double MaxSignallingLagMs,
    long NotSent,
    double MaxCores
)
{
    public static OwnReport Of(Sampler sampler)
    {
        var lag = OwnLag.Of(sampler.Samples);
        return new OwnReport(
            lag.IsBottleneck,
            lag.Why,
            lag.LateSeconds,
            Percentiles.Of(sampler.MediaLag),
            sampler.Samples.Select(s => s.SignallingLagMs).DefaultIfEmpty().Max(),
            sampler.NotSent,
            sampler.Samples.Select(s => s.Cores).DefaultIfEmpty().Max()
        );
    }
}

/// <summary>Counts over the run.</summary>
internal sealed record Totals(
    long Calls,
    long Rings,
    long Joins,
    int Errors,
    long PacketsSent,
    long PacketsHeard,
    long PacketsLost,
    long PacketsRecovered,
    double Loss,
    int TonesExpected,
    int TonesFound,
    int WrongSound,
    int UnclearWindows
)
{
    public static Totals Of(RunMeter meter, Sampler sampler, IReadOnlyList<CallRecord> calls) =>
        new(
            meter.Started,
            meter.Rung,
            meter.Joined,
            meter.ErrorCount,
            sampler.Sent,
            sampler.Received,
            sampler.Lost,
            sampler.Recovered,
            sampler.Loss,
            calls.Sum(call => call.Sound.TonesExpected),
            calls.Sum(call => call.Sound.TonesFound),
            calls.Sum(call => call.Sound.WrongTracks),
            calls.Sum(call => call.Sound.UnclearWindows)
        );
}

/// <summary>A distribution, in milliseconds; null where there is no value.</summary>
internal sealed record Percentiles(long Count, double? P50, double? P95, double? P99, double? Max)
{
    public static Percentiles Of(Histogram histogram) =>
        new(
            histogram.Count,
            At(histogram, 0.5),
            At(histogram, 0.95),
            At(histogram, 0.99),
            histogram.Count == 0 ? null : histogram.Max.TotalMilliseconds
        );

    private static double? At(Histogram histogram, double share) => histogram.Quantile(share)?.TotalMilliseconds;
}

/// <summary>One call.</summary>
internal sealed record CallLine(
    int Number,
    string Channel,
    string Pattern,
    int Members,
    double StartedAt,
    double? EndedAt,
    double? MaxRingMs,
    double? MaxJoinMs,
    long Heard,
    long Lost,
    double Loss,
    double MaxJitterMs,
    double? DelayP50Ms,
    double? DelayP99Ms,
    int TonesExpected,
    int TonesFound,
    int WrongSound,
    IReadOnlyList<string> Errors
)
{
    public static CallLine Of(CallRecord call) =>
        new(
            call.Number,
            call.Channel,
            call.Pattern,
            call.Members,
            call.StartedAt.TotalSeconds,
            call.EndedAt?.TotalSeconds,
            Max(call.Rings),
            Max(call.Joins),
            call.Sound.Received,
            Math.Max(0, call.Sound.Lost),
            call.Sound.Loss,
            call.Sound.MaxJitter.TotalMilliseconds,
            call.Sound.Delay.Quantile(0.5)?.TotalMilliseconds,
            call.Sound.Delay.Quantile(0.99)?.TotalMilliseconds,
            call.Sound.TonesExpected,
            call.Sound.TonesFound,
            call.Sound.WrongTracks,
            call.Errors
        );

    private static double? Max(IReadOnlyList<TimeSpan> times) =>
        times.Count == 0 ? null : times.Max().TotalMilliseconds;
}
