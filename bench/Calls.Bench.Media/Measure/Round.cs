using System.Globalization;

namespace Calls.Bench.Media.Measure;

/// <summary>What one measurement found.</summary>
internal sealed record Round
{
    /// <summary>Microseconds of the server's CPU for each packet that came.</summary>
    public required double CpuPerPacket { get; init; }

    /// <summary>Packets that came, a second.</summary>
    public required double Forwarded { get; init; }

    /// <summary>Percentiles of the delay, in microseconds.</summary>
    public required double P50 { get; init; }
    public required double P95 { get; init; }
    public required double P99 { get; init; }
    public required double Max { get; init; }

    /// <summary>Packets that did not come, of all; 0 to 1.</summary>
    public required double Loss { get; init; }

    /// <summary>Packets that should not have come as they did.</summary>
    public required long Wrong { get; init; }

    /// <summary>The 99th percentile of the generator's own lag, in microseconds.</summary>
    public required double Lag { get; init; }

    /// <summary>Datagrams that the generator's socket lost.</summary>
    public required long OwnLosses { get; init; }

    /// <summary>What others took of the server's core; 0 to 1.</summary>
    public required double ServerNoise { get; init; }

    /// <summary>What others took of the generator's core; 0 to 1.</summary>
    public required double GeneratorNoise { get; init; }

    /// <summary>Packets that were sent, of those that should have been; 0 to 1.</summary>
    public required double SentShare { get; init; }

    /// <summary>The server's memory for each participant, in KB of 1024 bytes; not measured everywhere.</summary>
    public double Memory { get; init; }

    /// <summary>Whether the generator could not keep up: figures then tell of it and not of the server.</summary>
    public bool IsGeneratorTheBottleneck => Lag > MaxLag || OwnLosses > 0 || SentShare < MinSentShare;

    /// <summary>Half a packet's 20 ms: what leaves later comes in bunches that no client sends.</summary>
    private const double MaxLag = 10_000;

    private const double MinSentShare = 0.98;

    /// <summary>What others may have of a core before figures tell of them.</summary>
    public const double MaxNoise = 0.05;

    /// <summary>The most that others had of either core.</summary>
    public double Noise => Math.Max(ServerNoise, GeneratorNoise);

    public static Round Of(MeasuringWindow window, Usage before, Usage after, double wanted)
    {
        var server = Usage.Between(before.Server, after.Server);
        var generator = Usage.Between(before.Generator, after.Generator);
        var time = window.Seconds * 1e9;
        return new Round
        {
            CpuPerPacket = server / 1e3 / Math.Max(1, window.Arrived),
            Forwarded = window.Arrived / window.Seconds,
            P50 = Micro(window.Delay.Quantile(0.50)),
            P95 = Micro(window.Delay.Quantile(0.95)),
            P99 = Micro(window.Delay.Quantile(0.99)),
            Max = Micro(window.Delay.Max),
            Loss = window.Expected == 0 ? 0 : (double)window.Lost / window.Expected,
            Wrong = window.Wrong,
            Lag = Micro(window.Lag.Quantile(0.99)),
            OwnLosses = window.OwnLosses,
            ServerNoise = Share(after.ServerCore - before.ServerCore - server, time),
            GeneratorNoise = Share(after.GeneratorCore - before.GeneratorCore - generator, time),
            SentShare = wanted == 0 ? 1 : window.Sent / (wanted * window.Seconds),
        };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{CpuPerPacket:0.0} µs a packet, {Forwarded:0} packets/s, delay {P50:0}/{P95:0}/{P99:0} µs (max {Max:0}), loss {Loss:0.00000}, wrong {Wrong}, {Memory:0} KB each, lag {Lag:0} µs, others {ServerNoise:P1} and {GeneratorNoise:P1}{(IsGeneratorTheBottleneck ? ", generator too slow" : "")}"
        );

    private static double Micro(TimeSpan? time) => time?.TotalMicroseconds ?? 0;

    private static double Share(double part, double whole) => Math.Clamp(part / whole, 0, 1);
}
