using System.Security.Cryptography;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>Answers what a route did not foresee with an <c>internal_error</c> whose id stands in the log.</summary>
internal static class ErrorAnswers
{
    public static void UseErrorAnswers(this IApplicationBuilder app) =>
        app.Use(
            async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                catch (Exception e)
                    when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
                {
                    await Answer(context, e);
                }
            }
        );

    private static Task Answer(HttpContext context, Exception e)
    {
        var id = RandomNumberGenerator.GetHexString(8, lowercase: true);
        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Calls.Host.Rest");
        log.LogError(e, "{Method} {Path} failed (error {ErrorId})", context.Request.Method, context.Request.Path, id);
        var words =
            e is StoreUnavailableException
                ? "The service cannot read or write its records at this moment"
                : "Something went wrong";
        var refusal = new Refusal(ErrorCode.InternalError, $"{words}; try again (error {id}).");
        return RestReply.Error(refusal).ExecuteAsync(context);
    }
}
