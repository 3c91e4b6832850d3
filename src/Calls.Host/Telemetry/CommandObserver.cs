using System.Diagnostics;
using Calls.Protocol;

namespace Calls.Host.Telemetry;

/// <summary>Looks on while a command is done: one span, one measurement, one line in the log.</summary>
internal sealed class CommandObserver(HostMetrics metrics, TimeProvider time, ILogger<CommandObserver> log)
{
    /// <summary>The name by which an exporter subscribes.</summary>
    public const string SourceName = "Calls.Host";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Does the work; it sets what is to be told of it in <paramref name="outcome"/>.</summary>
    public async Task Observe(Command command, CommandResult outcome, Func<Task> work)
    {
        // A REST request has the web server's span above it; a message on a WebSocket begins a trace of its own.
        using var span = Source.StartActivity(
            command.Name,
            command.IsRest ? ActivityKind.Internal : ActivityKind.Server
        );
        var started = time.GetTimestamp();
        await work();
        var took = time.GetElapsedTime(started);
        metrics.Answered(command, outcome, took);
        Describe(span, command, outcome);
        log.Log(
            outcome.Error == ErrorCode.InternalError ? LogLevel.Error : LogLevel.Information,
            default,
            new CommandLogLine(command, outcome, took, span?.TraceId),
            null,
            static (line, _) => line.ToString()
        );
    }

    private static void Describe(Activity? span, Command command, CommandResult outcome)
    {
        if (span is not { IsAllDataRequested: true })
            return;
        span.SetTag("calls.command.name", command.Name);
        span.SetTag("calls.command.transport", command.Transport);
        span.SetTag("user.id", command.User.Value);
        Set(span, "calls.channel.id", command.Channel?.Value);
        Set(span, "calls.call.id", outcome.Call?.Value);
        Set(span, "calls.command.id", command.CommandId?.Value);
        Set(span, "error.type", outcome.Error?.ToWire());
        Set(span, "calls.error.id", outcome.ErrorId);
        // A refusal is an answer; only what the service could not do is an error of its span.
        if (outcome.Error == ErrorCode.InternalError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    private static void Set(Activity span, string name, string? value)
    {
        if (value is not null)
            span.SetTag(name, value);
    }
}
