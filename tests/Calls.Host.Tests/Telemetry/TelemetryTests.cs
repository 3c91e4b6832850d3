using System.Text.RegularExpressions;
using Calls.Host.Telemetry;
using Calls.Protocol.Wire;
using Calls.TestKit;

namespace Calls.Host.Tests.Telemetry;

/// <summary>What a running server really exports, against what the operator's document says.</summary>
[Collection(ObservedCollection.Name)]
public sealed partial class TelemetryTests(ObservedServer server)
{
    private const string ErrorType = "error.type";

    /// <summary>Needs a client that breaks its handshake off; the SFU's own tests have one.</summary>
    private const string NotProvoked = "calls.media.dtls.handshake.duration";

    private static bool IsOwn(MetricPoint point) => point.Meter.StartsWith("Calls.", StringComparison.Ordinal);

    private IEnumerable<MetricPoint> Own => server.Collector.Metrics.Where(IsOwn);

    [Fact]
    public async Task Every_metric_of_the_document_is_emitted_and_every_emitted_one_is_in_it()
    {
        var documented = OperationsTables.Metrics.Select(row => row.Name).Order(StringComparer.Ordinal).ToArray();
        documented.ShouldNotBeEmpty();
        string[] Emitted() => [.. Own.Select(point => point.Name).Distinct().Order(StringComparer.Ordinal)];
        await Eventually.Holds(
            () => Task.FromResult(Emitted().SequenceEqual(documented)),
            () =>
                $"documented only: {string.Join(' ', documented.Except(Emitted()))}; "
                + $"emitted only: {string.Join(' ', Emitted().Except(documented))}"
        );
    }

    [Fact]
    public async Task Types_units_and_attributes_are_as_documented()
    {
        string[] Emitted() =>
            [
                .. Own.GroupBy(point => (point.Name, point.Type, point.Unit))
                    .Select(g => Line(g.Key.Name, g.Key.Type, g.Key.Unit, g.SelectMany(p => p.Attributes.Keys)))
                    .Order(StringComparer.Ordinal),
            ];
        string[] documented =
        [
            .. OperationsTables
                .Metrics.Select(row =>
                    Line(
                        row.Name,
                        row.Type,
                        row.Unit,
                        row.Attributes.Where(a => row.Name != NotProvoked || a != ErrorType)
                    )
                )
                .Order(StringComparer.Ordinal),
        ];
        await Eventually.Holds(
            () => Task.FromResult(Emitted().SequenceEqual(documented)),
            () => $"\n{string.Join('\n', documented.Except(Emitted()))}\nwas emitted as\n{string.Join('\n', Emitted())}"
        );
    }

    [Fact]
    public void Attributes_have_the_documented_values_only()
    {
        HashSet<string> requests = [.. RequestParser.Types];
        var strangers =
            from point in Own
            from attribute in point.Attributes
            where attribute.Key is not (ErrorType or "calls.webhook.receiver")
            where !OperationsTables.Values[attribute.Key].Contains(attribute.Value, StringComparer.Ordinal)
            where attribute.Key != "calls.command.name" || !requests.Contains(attribute.Value)
            select $"{point.Name}: {attribute}";
        strangers.Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void The_frameworks_meters_are_those_that_the_document_names()
    {
        var meters = server.Collector.Metrics.Where(point => !IsOwn(point)).Select(point => point.Meter).Distinct();
        meters.ShouldBe(TelemetryExport.FrameworkMeters, ignoreOrder: true);
        TelemetryExport.FrameworkMeters.ShouldAllBe(meter => OperationsTables.Mentions(meter));
    }

    [Fact]
    public void Names_follow_OpenTelemetrys_conventions()
    {
        foreach (var row in OperationsTables.Metrics)
        {
            LegalName().IsMatch(row.Name).ShouldBeTrue(row.Name);
            row.Name.ShouldNotContain("total");
            // The type and the unit stand in fields of their own.
            row.Name.ShouldNotContain("seconds");
            row.Name.ShouldNotContain("bytes");
            if (row.Type == "histogram")
                row.Unit.ShouldBeOneOf("s", "1");
            else
                (row.Unit == "By" || Annotation().IsMatch(row.Unit)).ShouldBeTrue(row.Name);
            // A name must not be the namespace of another one.
            OperationsTables
                .Metrics.Where(other => other.Name.StartsWith($"{row.Name}.", StringComparison.Ordinal))
                .ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task The_figures_are_those_of_what_happened()
    {
        await Eventually.Holds(
            () => Task.FromResult(Value("calls.journal.append.duration", (ErrorType, "unavailable")) > 0),
            () => "the append that failed is counted"
        );
        Value("calls.call.ended", ("calls.call.end_reason", "last_left")).ShouldBe(1);
        Value("calls.call.ended", ("calls.call.end_reason", "all_declined")).ShouldBe(1);
        Value("calls.call.ended", ("calls.call.end_reason", "cancelled")).ShouldBe(1);
        Value("calls.call.duration", ("calls.call.end_reason", "last_left")).ShouldBe(1);
        Value("calls.ring.duration", ("calls.ring.outcome", "joined")).ShouldBe(1);
        Value("calls.ring.duration", ("calls.ring.outcome", "declined")).ShouldBe(1);
        Value("calls.ring.duration", ("calls.ring.outcome", "cancelled")).ShouldBe(1);
        Value("calls.command.duration", ("calls.command.name", "call_decline"), (ErrorType, "call_not_found"))
            .ShouldBe(1);
        Value("calls.connection.closed", ("calls.connection.close_code", "1003")).ShouldBe(1);
        Value("calls.connection.message.refused", (ErrorType, "unauthenticated")).ShouldBe(1);
        Value("calls.media.dtls.handshake.duration").ShouldBeGreaterThanOrEqualTo(2);
        Value("calls.media.packet.forwarded").ShouldBeGreaterThan(10);
        Value("calls.media.io", ("network.io.direction", "transmit"))
            .ShouldBeGreaterThan(Value("calls.media.packet.forwarded") * 20);
        await Eventually.Holds(
            () => Task.FromResult(Value("calls.webhook.message.dropped", ("calls.webhook.drop_reason", "gone")) > 0),
            () => "the webhooks to a receiver that is gone are counted"
        );
        Value("calls.webhook.message.delivered").ShouldBeGreaterThan(0);
        Value("calls.webhook.attempt.failed").ShouldBeGreaterThan(0);
        Value("calls.actor.restarts", ("calls.actor.type", "CallActor")).ShouldBe(0);
        server.Collector.Resource["service.name"].ShouldBe("calls");
        server.Collector.Resource["service.instance.id"].ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Every_span_is_in_the_document_and_every_documented_one_is_seen()
    {
        await Eventually.Holds(
            () =>
                Task.FromResult(
                    OperationsTables.Traces.All(row =>
                        server.Collector.Spans.Any(row.Fits)
                        && row.Attributes.All(name =>
                            server.Collector.Spans.Any(s => row.Fits(s) && s.Attributes.ContainsKey(name))
                            // Only a bug makes an actor fail.
                            || (name == ErrorType && row.Name.StartsWith("process", StringComparison.Ordinal))
                        )
                    )
                ),
            () => string.Join('\n', server.Collector.Spans.Select(s => $"{s.Source}: {s.Name}").Distinct())
        );
        foreach (var span in server.Collector.Spans)
        {
            var row = OperationsTables.Traces.FirstOrDefault(row => row.Fits(span));
            if (row is null)
            {
                // The web server's, of what is no route.
                (span.Source, span.Name.Contains(' ', StringComparison.Ordinal)).ShouldBe(
                    (QuietSpans.WebServer, false)
                );
                continue;
            }
            if (span.Source != QuietSpans.WebServer)
                span.Attributes.Keys.Except(row.Attributes, StringComparer.Ordinal).ShouldBeEmpty(span.Name);
        }
        server
            .Collector.Spans.Where(s => s.Source == QuietSpans.WebServer)
            .Select(s => s.Attributes["url.path"])
            .ShouldNotContain(path => path == "/ws" || path == "/readyz");
    }

    [Fact]
    public async Task A_command_is_one_trace_below_what_the_client_sent()
    {
        ExportedSpan[] Trace() => [.. server.Collector.Spans.Where(span => span.TraceId == ObservedServer.ClientTrace)];
        await Eventually.Holds(
            () => Task.FromResult(IsWhole(Trace())),
            () => string.Join('\n', Trace().Select(span => $"{span.Name} {span.Id} below {span.ParentId}"))
        );
        var spans = Trace();
        ExportedSpan One(string name) => spans.First(span => span.Name == name);
        var publish = spans.Single(s => s.Name == "publish event" && s.Attributes["calls.event"] == "call_started");
        var actor = Parent(publish);
        actor.Name.ShouldBe("process CallActor");
        var command = Parent(actor);
        command.Name.ShouldBe("call_start");
        command.Attributes["calls.call.id"].ShouldBe(server.TracedCall);
        command.Attributes["calls.command.id"].ShouldBe("rest-start");
        var request = Parent(command);
        request.Name.ShouldBe("POST /api/dm/{channelId}/call/start");
        request.Attributes["http.response.status_code"].ShouldBe("201");
        request.ParentId.ShouldNotBeEmpty("it is below the client's own span");
        Parent(One("append journal")).ShouldBe(actor);

        // The answer comes before the publishing, so the request's own span may come before what is below it.
        static bool IsWhole(ExportedSpan[] spans) =>
            spans.Any(span => span.Name.StartsWith("POST ", StringComparison.Ordinal))
            && spans.Any(span => span.Name == "publish event")
            && spans.Count(span => spans.All(other => other.Id != span.ParentId)) == 1;

        ExportedSpan Parent(ExportedSpan span) => spans.Single(other => other.Id == span.ParentId);
    }

    [Fact]
    public void A_command_on_a_WebSocket_is_a_trace_of_its_own()
    {
        var joins = server.Collector.Spans.Where(span => span.Name == "call_join").ToArray();
        joins.ShouldNotBeEmpty();
        joins.ShouldAllBe(span => span.ParentId == "");
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LegalName();

    [GeneratedRegex(@"^\{[a-z]+\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Annotation();

    /// <summary>The newest count of all series of a metric that have these attributes.</summary>
    private double Value(string name, params (string Name, string Value)[] with) =>
        server
            .Collector.Newest.Where(point => point.Name == name)
            .Where(point => with.All(w => point.Attributes.GetValueOrDefault(w.Name) == w.Value))
            .Sum(point => point.Value);

    private static string Line(string name, string type, string unit, IEnumerable<string> attributes) =>
        $"{name} {type} {unit} {string.Join(',', attributes.Distinct().Order(StringComparer.Ordinal))}";
}
