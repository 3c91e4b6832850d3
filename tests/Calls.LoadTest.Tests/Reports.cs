using Calls.LoadTest.Measure;
using Calls.LoadTest.Options;
using Calls.LoadTest.Report;

namespace Calls.LoadTest.Tests;

/// <summary>Reports and parts of them, made up.</summary>
internal static class Reports
{
    public static RunReport Of(params CallLine[] calls) =>
        new()
        {
            StartedAt = new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero),
            TookSecs = 10,
            Interrupted = false,
            Settings = new RunSettings(
                2,
                "2..3",
                10,
                5,
                0.1,
                Pattern.RingOnly,
                Listen.All,
                "all",
                0,
                true,
                5,
                1,
                ["http://a/"],
                false
            ),
            Machine = "a machine",
            Held = false,
            Limits =
            [
                new LimitResult("--max-loss", "1 %", "2 %", false),
                new LimitResult("--max-join", "1 s", "5 ms", true),
            ],
            Own = new OwnReport(false, "It kept up.", 0, new Percentiles(9, 1, 2, 3, 4), 5, 0, 0.5),
            Totals = new Totals(2, 3, 5, 1, 1_000, 900, 100, 70, 0.1, 6, 6, 0, 0),
            RingMs = new Percentiles(3, 1, 2, 3, 4),
            JoinMs = new Percentiles(5, 10, 20, 30, 40),
            FirstSoundMs = new Percentiles(0, null, null, null, null),
            DelayMs = new Percentiles(900, 0.1, 0.2, 0.3, 0.4),
            Errors = new Dictionary<string, int> { ["join: <call_full>"] = 1 },
            Samples = [Second(1), Second(2, delay: null), Second(3)],
            Calls = calls,
        };

    public static Sample Second(double at, double? delay = 1.5, double mediaLag = 1, double signallingLag = 1) =>
        new()
        {
            At = at,
            LiveCalls = 2,
            Talking = 5,
            Started = 2,
            Rung = 3,
            Joined = 5,
            Errors = 0,
            Sent = 100,
            Received = 90,
            Loss = 0.1,
            DelayP50Ms = delay,
            DelayP99Ms = delay * 2,
            DelayMaxMs = delay * 3,
            MediaLagP99Ms = mediaLag,
            SignallingLagMs = signallingLag,
            Cores = 0.3,
            ServiceCores = null,
            ServiceMib = null,
        };

    public static CallLine Call(int number, double? delay = 1, params string[] errors) =>
        new(number, $"load-x-{number}", "hold", 3, number, 9, 4, 30, 500, 5, 0.01, 0.5, 0.1, delay, 6, 6, 0, errors);
}
