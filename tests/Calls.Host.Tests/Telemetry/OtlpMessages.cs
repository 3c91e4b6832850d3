using System.Globalization;

namespace Calls.Host.Tests.Telemetry;

/// <summary>One data point of a metric as it was exported.</summary>
/// <param name="Meter">The instrumentation scope.</param>
/// <param name="Name">Of the metric.</param>
/// <param name="Unit">By UCUM.</param>
/// <param name="Type">As the document names it.</param>
/// <param name="Attributes">The point's.</param>
/// <param name="Value">The number; of a histogram its count.</param>
/// <param name="Sum">Of a histogram, else the number.</param>
public sealed record MetricPoint(
    string Meter,
    string Name,
    string Unit,
    string Type,
    IReadOnlyDictionary<string, string> Attributes,
    double Value,
    double Sum
)
{
    /// <summary>Two exports of the same series have the same key.</summary>
    public string Series => $"{Name}|{string.Join(',', Attributes.OrderBy(a => a.Key, StringComparer.Ordinal))}";
}

/// <summary>A span as it was exported.</summary>
public sealed record ExportedSpan(
    string Source,
    string Name,
    string TraceId,
    string Id,
    string ParentId,
    IReadOnlyDictionary<string, string> Attributes
);

/// <summary>Reads OTLP's requests; the numbers are those of opentelemetry/proto, version 1.</summary>
public static class OtlpMessages
{
    private const int Gauge = 5;
    private const int Sum = 7;
    private const int Histogram = 9;

    public static IEnumerable<MetricPoint> Metrics(ReadOnlyMemory<byte> request) =>
        from scope in Scopes(request)
        from metric in scope.All(2)
        from point in Points(scope.One(1)!.Fields.One(1)!.Text, metric.Fields)
        select point;

    public static IEnumerable<ExportedSpan> Spans(ReadOnlyMemory<byte> request) =>
        from scope in Scopes(request)
        from span in scope.All(2)
        let fields = span.Fields
        select new ExportedSpan(
            scope.One(1)!.Fields.One(1)!.Text,
            fields.One(5)!.Text,
            fields.One(1)!.Hex,
            fields.One(2)!.Hex,
            fields.One(4)?.Hex ?? "",
            Attributes(fields.All(9))
        );

    /// <summary>Of who reports.</summary>
    public static IReadOnlyDictionary<string, string> Resource(ReadOnlyMemory<byte> request) =>
        Attributes(ProtoFields.Read(request).One(1)!.Fields.One(1)!.Fields.All(1));

    private static IEnumerable<IReadOnlyList<ProtoField>> Scopes(ReadOnlyMemory<byte> request) =>
        ProtoFields.Read(request).All(1).SelectMany(resource => resource.Fields.All(2)).Select(scope => scope.Fields);

    private static IEnumerable<MetricPoint> Points(string meter, IReadOnlyList<ProtoField> metric)
    {
        var data = metric.Single(field => field.Number is Gauge or Sum or Histogram);
        var type = data.Number switch
        {
            Gauge => "gauge",
            Histogram => "histogram",
            _ => data.Fields.One(3)?.Value == 1 ? "counter" : "up-down counter",
        };
        foreach (var point in data.Fields.All(1).Select(point => point.Fields))
        {
            var attributes = Attributes(point.All(data.Number == Histogram ? 9 : 7));
            var value = data.Number == Histogram ? point.One(4)!.Value : Number(point);
            var sum = data.Number == Histogram ? point.One(5)!.Double : value;
            yield return new MetricPoint(
                meter,
                metric.One(1)!.Text,
                metric.One(3)?.Text ?? "",
                type,
                attributes,
                value,
                sum
            );
        }
    }

    private static double Number(IReadOnlyList<ProtoField> point) =>
        point.One(6) is { } whole ? (long)whole.Value : point.One(4)!.Double;

    private static Dictionary<string, string> Attributes(IEnumerable<ProtoField> pairs) =>
        pairs.ToDictionary(
            pair => pair.Fields.One(1)!.Text,
            pair => Value(pair.Fields.One(2)?.Fields ?? []),
            StringComparer.Ordinal
        );

    private static string Value(IReadOnlyList<ProtoField> any) =>
        any.One(1)?.Text ?? any.One(3)?.Value.ToString(CultureInfo.InvariantCulture) ?? "";
}
