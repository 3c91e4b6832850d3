using System.Diagnostics;
using OpenTelemetry;

namespace Calls.Host.Telemetry;

/// <summary>
/// Keeps back the web server's spans that tell nothing: probes, and WebSockets, whose span would last for hours while
/// each of their commands has a trace of its own.
/// </summary>
internal sealed class QuietSpans : BaseProcessor<Activity>
{
    /// <summary>The web server's own source.</summary>
    public const string WebServer = "Microsoft.AspNetCore";

    private static readonly string[] Paths = ["/ws", "/healthz", "/readyz"];

    public override void OnEnd(Activity data)
    {
        // Exporters pass over what is not marked as recorded.
        if (
            data.Source.Name == WebServer
            && Paths.Contains(data.GetTagItem("url.path") as string, StringComparer.Ordinal)
        )
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
