using System.Diagnostics;

namespace Calls.Actors.Kernel;

/// <summary>The spans of what actors do. Without a listener none is made, and nothing is allocated for one.</summary>
internal static class ActorTraces
{
    /// <summary>The name by which an exporter subscribes.</summary>
    public const string SourceName = "Calls.Actors";

    /// <summary>OpenTelemetry's attribute for what went wrong.</summary>
    public const string ErrorType = "error.type";

    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// The handling of one message. One that was sent within a trace goes on with it; a timer begins one, because with it
    /// something begins (a ring that ends, a grace that is over). What the SFU tells has no cause and makes no span.
    /// </summary>
    public static Activity? StartProcess(ActorCell actor, Envelope envelope, object message)
    {
        if (!Source.HasListeners() || (envelope.Cause is null && envelope.Message is not TimerMessage))
            return null;
        var span = Source.StartActivity(
            $"process {actor.Type}",
            ActivityKind.Internal,
            envelope.Cause?.Context ?? default
        );
        return span?.SetTag("calls.actor.type", actor.Type).SetTag("calls.actor.message", message.GetType().Name);
    }
}
