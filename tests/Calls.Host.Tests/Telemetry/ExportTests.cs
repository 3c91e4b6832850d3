using Calls.Host.Telemetry;
using Calls.TestKit;
using Microsoft.Extensions.Configuration;

namespace Calls.Host.Tests.Telemetry;

public sealed class ExportTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Fact]
    public void Nothing_is_exported_unless_an_endpoint_is_named() =>
        Read().ShouldBe(new ExportOptions(Metrics: false, Traces: false));

    [Fact]
    public void An_endpoint_turns_both_signals_on() =>
        Read((Endpoint, "http://collector:4317")).ShouldBe(new ExportOptions(Metrics: true, Traces: true));

    [Fact]
    public void An_endpoint_of_one_signal_turns_that_one_on() =>
        Read(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces"))
            .ShouldBe(new ExportOptions(Metrics: false, Traces: true));

    [Fact]
    public void An_empty_endpoint_is_none() =>
        Read((Endpoint, "")).ShouldBe(new ExportOptions(Metrics: false, Traces: false));

    [Theory]
    [InlineData("none", false)]
    [InlineData("otlp", true)]
    [InlineData("console, otlp", true)]
    [InlineData("prometheus", false)]
    public void The_exporter_of_a_signal_can_be_turned_off(string exporter, bool on) =>
        Read((Endpoint, "http://collector:4317"), ("OTEL_METRICS_EXPORTER", exporter))
            .ShouldBe(new ExportOptions(Metrics: on, Traces: true));

    [Fact]
    public void The_whole_can_be_turned_off() =>
        Read((Endpoint, "http://collector:4317"), ("OTEL_SDK_DISABLED", "true"))
            .ShouldBe(new ExportOptions(Metrics: false, Traces: false));

    [Fact]
    public async Task The_protocol_is_gRPC_unless_said_otherwise()
    {
        await using var collector = await OtlpReceiver.Start(grpc: true);
        await using var host = await HostProcess.Start(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [Endpoint] = collector.Endpoint,
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            }
        );
        await Eventually.Holds(
            () => Task.FromResult(collector.Newest.Any(point => point.Name == "calls.call.count")),
            () => $"metrics arrive:\n{string.Join('\n', host.Output)}"
        );
    }

    [Fact]
    public async Task Live_calls_are_shown_by_a_server_that_was_killed_and_started_again()
    {
        await using var collector = await OtlpReceiver.Start();
        await using var host = await HostProcess.Start(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [Endpoint] = collector.Endpoint,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
                ["CALLS__POLICY__RECONNECT_GRACE"] = "5m",
            }
        );
        using var http = new HttpClient();
        using var start = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Url, "/api/dm/dm-alice-bob/call/start"));
        start.Headers.Authorization = new("Bearer", await host.Token("alice"));
        (await http.SendAsync(start)).EnsureSuccessStatusCode().Dispose();
        await Shows(1);

        await host.Kill();
        var before = collector.Metrics.Count();
        await host.Launch();
        await Eventually.Holds(
            () => Task.FromResult(collector.Metrics.Count() > before),
            () => "the new process exports"
        );
        await Shows(1);
        collector.Newest.ShouldNotContain(point => point.Name == "calls.call.ended");

        Task Shows(int ringing) =>
            Eventually.Holds(
                () =>
                    Task.FromResult(
                        collector.Newest.Any(point =>
                            point.Name == "calls.call.count"
                            && point.Attributes["calls.call.status"] == "ringing"
                            && point.Value == ringing
                        )
                    ),
                () => $"{ringing} ringing"
            );
    }

    private static ExportOptions Read(params (string Name, string Value)[] variables) =>
        ExportOptions.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(variables.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)))
                .Build()
        );
}
