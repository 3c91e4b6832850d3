using System.Reflection;
using Calls.Actors.Telemetry;
using Calls.Host.Nodes;
using Calls.Host.Webhooks;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Calls.Host.Telemetry;

/// <summary>Sends metrics and traces to a collector by OTLP for as long as the service runs, if <see cref="ExportOptions"/> say so.</summary>
internal sealed class TelemetryExport(
    ExportOptions options,
    IConfiguration configuration,
    CallNode node,
    ILogger<TelemetryExport> log
) : IHostedService, IDisposable
{
    /// <summary>What the framework measures by itself and an operator of this service wants too.</summary>
    public static readonly string[] FrameworkMeters =
    [
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime",
    ];

    private static readonly string[] OwnMeters =
    [
        HostMetrics.MeterName,
        CallMetrics.MeterName,
        WebhookMetrics.MeterName,
        "Calls.Media",
    ];

    /// <summary>How long the last batch may take at the end: a collector that is gone must not hold up a restart.</summary>
    private const int FlushMilliseconds = 2_000;

    private MeterProvider? _metrics;
    private TracerProvider? _traces;
    private ExportTroubles? _troubles;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Metrics && !options.Traces)
            return Task.CompletedTask;
        _troubles = new ExportTroubles(log);
        if (options.Metrics)
            _metrics = Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(Resource())
                .AddMeter([.. OwnMeters, .. FrameworkMeters])
                .AddOtlpExporter()
                .Build();
        if (options.Traces)
            _traces = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(Resource())
                .AddSource(CommandObserver.SourceName, CallMetrics.MeterName, QuietSpans.WebServer)
                .AddProcessor(new QuietSpans())
                .AddOtlpExporter()
                .Build();
        log.LogInformation(
            "OpenTelemetry exports {Signals} by OTLP",
            options is { Metrics: true, Traces: true } ? "metrics and traces"
                : options.Metrics ? "metrics"
                : "traces"
        );
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(
            Task.Run(() => _metrics?.Shutdown(FlushMilliseconds), CancellationToken.None),
            Task.Run(() => _traces?.Shutdown(FlushMilliseconds), CancellationToken.None)
        );

    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
        _troubles?.Dispose();
    }

    /// <summary>Who reports. What the operator says in <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> comes last and wins.</summary>
    private ResourceBuilder Resource() =>
        ResourceBuilder
            .CreateEmpty()
            .AddService(
                "calls",
                serviceVersion: typeof(TelemetryExport)
                    .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                    ?.InformationalVersion,
                autoGenerateServiceInstanceId: false,
                serviceInstanceId: node.Settings.Node.Id
            )
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
}
