using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Calls.Host.Tests.Telemetry;

/// <summary>A collector on a free loopback port that keeps what it is sent, by HTTP or by gRPC.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<byte[]> _metrics = new();
    private readonly ConcurrentQueue<byte[]> _traces = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Endpoint => _app.Urls.Single();

    /// <summary>All data points of all exports, in order.</summary>
    public IEnumerable<MetricPoint> Metrics => _metrics.SelectMany(body => OtlpMessages.Metrics(body));

    /// <summary>The data points of the newest export.</summary>
    public IReadOnlyList<MetricPoint> Newest =>
        _metrics.LastOrDefault() is { } body ? [.. OtlpMessages.Metrics(body)] : [];

    public IEnumerable<ExportedSpan> Spans => _traces.SelectMany(body => OtlpMessages.Spans(body));

    /// <summary>Who the newest export says it is from.</summary>
    public IReadOnlyDictionary<string, string> Resource => OtlpMessages.Resource(_metrics.Last());

    public static async Task<OtlpReceiver> Start(bool grpc = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                System.Net.IPAddress.Loopback,
                0,
                listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1
            )
        );
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        const string service = "/opentelemetry.proto.collector";
        app.MapPost("/v1/metrics", context => Keep(context, receiver._metrics));
        app.MapPost("/v1/traces", context => Keep(context, receiver._traces));
        app.MapPost($"{service}.metrics.v1.MetricsService/Export", context => KeepCall(context, receiver._metrics));
        app.MapPost($"{service}.trace.v1.TraceService/Export", context => KeepCall(context, receiver._traces));
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task Keep(HttpContext context, ConcurrentQueue<byte[]> into)
    {
        into.Enqueue(await Body(context));
        context.Response.ContentType = "application/x-protobuf";
    }

    /// <summary>A message behind its prefix of five bytes, answered by an empty one.</summary>
    private static async Task KeepCall(HttpContext context, ConcurrentQueue<byte[]> into)
    {
        into.Enqueue((await Body(context))[5..]);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static async Task<byte[]> Body(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
