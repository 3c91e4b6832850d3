using Calls.Host.Signalling;
using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>Answers a request that a fault of ours broke off: <c>internal_error</c>, with an id that stands in the log beside the fault.</summary>
internal static class FaultAnswers
{
    private static readonly IdSource Ids = new();

    public static void UseFaultAnswers(this WebApplication app) =>
        app.Use(
            async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                // What the web server itself refuses has its own status; who has gone waits for no answer.
                catch (Exception e)
                    when (e is not BadHttpRequestException
                        && !context.Response.HasStarted
                        && !context.RequestAborted.IsCancellationRequested
                    )
                {
                    var id = Ids.Next(4);
                    app.Logger.LogError(
                        e,
                        "{Method} {Path} failed (error {ErrorId})",
                        context.Request.Method,
                        context.Request.Path,
                        id
                    );
                    var refusal = new Refusal(
                        ErrorCode.InternalError,
                        $"Something went wrong; try again (error {id})."
                    );
                    await RestReply.Error(refusal).ExecuteAsync(context);
                }
            }
        );
}
