namespace Calls.Host.Telemetry;

/// <summary>
/// What is exported, by OpenTelemetry's own environment variables. Nothing is unless an endpoint is named: the
/// specification's default, a collector on this machine, would have every node without one complain.
/// </summary>
/// <param name="Metrics">Whether metrics are.</param>
/// <param name="Traces">Whether traces are.</param>
internal sealed record ExportOptions(bool Metrics, bool Traces)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Reads the variables.</summary>
    public static ExportOptions Read(IConfiguration configuration)
    {
        if (string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
            return new(false, false);
        return new(
            IsOn(configuration, "OTEL_METRICS_EXPORTER", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
            IsOn(configuration, "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        );
    }

    private static bool IsOn(IConfiguration configuration, string exporter, string endpoint)
    {
        var named = Given(configuration, Endpoint) ?? Given(configuration, endpoint);
        var exporters = Given(configuration, exporter)?.Split(',', StringSplitOptions.TrimEntries);
        return named is not null && exporters?.Contains("otlp", StringComparer.OrdinalIgnoreCase) != false;
    }

    /// <summary>An empty variable counts as none (OpenTelemetry's environment variable specification).</summary>
    private static string? Given(IConfiguration configuration, string name) =>
        configuration[name] is { Length: > 0 } value ? value : null;
}
