using System.Globalization;
using Calls.Bench.Media.Measure;
using Calls.Bench.Results;

namespace Calls.Bench.Media.Report;

/// <summary>Rounds as tables: medians, and the worst of what may not be.</summary>
internal static class ForwardingReport
{
    public const string Part = "Forwarding of media";

    public const string Introduction = """
        50 packets a second of 112 bytes from each participant (from three of each room where it says `:3`), each sender at
        a random point of its 20 ms; SRTP AES-128-GCM on both legs. The server has one core, the generator the other. The
        floor is the same forwarding in C (`bench/floor`). CPU is the run time of all the server's threads for each packet
        that came; delay goes from the stamp in the packet to the kernel's stamp of its arrival, in steps of 6 %; memory is
        what each participant after the first room added. Every packet was decrypted and had to be the next one of another
        member of the same room: "wrong" counts those that were not. "Others" is the most that anything else had of either
        core. Figures are medians of the rounds; loss, wrong and others are the worst.
        """;

    public static Table Nominal(IEnumerable<(Workload Work, Dictionary<SystemUnderTest, List<Round>> Found)> all)
    {
        var table = new Table(
            "Voices at their normal rate",
            [
                "rooms x people",
                "server",
                "µs a packet",
                "p50 µs",
                "p95 µs",
                "p99 µs",
                "KB each",
                "loss",
                "wrong",
                "others",
            ]
        );
        foreach (var (work, found) in all)
        {
            foreach (var (system, rounds) in found)
                table.AddRow(
                    $"{work}",
                    Name(system) + Remark(rounds),
                    Figure(rounds, r => r.CpuPerPacket, "0.0"),
                    Figure(rounds, r => r.P50),
                    Figure(rounds, r => r.P95),
                    Figure(rounds, r => r.P99),
                    Figure(rounds, r => r.Memory),
                    Percent(rounds.Max(r => r.Loss), "0.000"),
                    $"{rounds.Max(r => r.Wrong)}",
                    Percent(rounds.Max(r => r.Noise), "0.0")
                );
        }
        return table;
    }

    public static Table Saturated(Workload work, Dictionary<SystemUnderTest, List<Saturation>> found)
    {
        var table = new Table(
            $"The most without loss and with a p99 below {Saturation.MaxDelay / 1000:0} ms, {work}",
            ["server", "packets out/s", "µs a packet", "p99 µs", "who gave up", "others"]
        );
        foreach (var (system, points) in found)
        {
            var best = points.Select(point => point.Best).OfType<Round>().ToList();
            if (best.Count == 0)
                table.AddRow(Name(system), "none", "", "", points[0].Limit, Percent(points[0].Refused.Noise, "0.0"));
            else
                table.AddRow(
                    Name(system),
                    Figure(best, r => r.Forwarded),
                    Figure(best, r => r.CpuPerPacket, "0.0"),
                    Figure(best, r => r.P99),
                    string.Join(", ", points.Select(point => point.Limit).Distinct()),
                    Percent(best.Max(r => r.Noise), "0.0")
                );
        }
        return table;
    }

    public static Table Burst(Workload work, Dictionary<SystemUnderTest, List<(Round Quiet, Round Burst)>> found)
    {
        var table = new Table(
            $"{work} while {Comparison.Joins} others join within {Comparison.BurstLength.TotalSeconds:0} s",
            ["server", "joins", "p50 µs", "p99 µs", "max µs", "loss", "wrong", "others"]
        );
        foreach (var (system, pairs) in found)
        {
            Add("none", [.. pairs.Select(pair => pair.Quiet)]);
            Add("burst", [.. pairs.Select(pair => pair.Burst)]);

            void Add(string joins, List<Round> rounds) =>
                table.AddRow(
                    Name(system) + Remark(rounds),
                    joins,
                    Figure(rounds, r => r.P50),
                    Figure(rounds, r => r.P99),
                    Figure(rounds, r => r.Max),
                    Percent(rounds.Max(r => r.Loss), "0.000"),
                    $"{rounds.Max(r => r.Wrong)}",
                    Percent(rounds.Max(r => r.Noise), "0.0")
                );
        }
        return table;
    }

    private static string Name(SystemUnderTest system) => system == SystemUnderTest.Floor ? "floor" : "service";

    private static string Remark(List<Round> rounds) =>
        rounds.Exists(round => round.IsGeneratorTheBottleneck) ? " (generator too slow)" : "";

    private static string Figure(List<Round> rounds, Func<Round, double> of, string format = "0") =>
        Statistics.Median(rounds.Select(of)).ToString(format, CultureInfo.InvariantCulture);

    private static string Percent(double share, string format) =>
        (share * 100).ToString(format, CultureInfo.InvariantCulture) + " %";
}
