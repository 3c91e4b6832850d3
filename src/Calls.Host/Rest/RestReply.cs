using Calls.Actors.Calls;
using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>Writes answers and errors as the contract's REST side has them.</summary>
internal static class RestReply
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>An error with its status.</summary>
    public static IResult Error(Refusal refusal, byte[]? call = null, TimeSpan? retryAfter = null) =>
        new BytesResult(
            WireJson.WriteRestError(refusal, call, (int?)retryAfter?.TotalMilliseconds),
            refusal.Code.ToStatus(),
            retryAfter
        );

    /// <summary>Any view as JSON.</summary>
    public static IResult Ok<T>(T value, int status = 200) => new BytesResult(WireJson.WriteView(value), status, null);

    /// <summary>What a call actor answered.</summary>
    public static IResult Of(CallReply reply, int status = 200) =>
        reply.Refusal is { } refusal
            ? Error(refusal, reply.Call, reply.RetryAfter)
            : new BytesResult(reply.Result ?? "{}"u8.ToArray(), status, null);

    /// <summary>Dispatches and waits for the one answer.</summary>
    public static async Task<CallReply> Ask(Func<OnceReply, Task> dispatch)
    {
        var answer = new TaskCompletionSource<CallReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        await dispatch(new OnceReply(reply => answer.TrySetResult(reply)));
        return await answer.Task;
    }

    private sealed class BytesResult(byte[] body, int status, TimeSpan? retryAfter) : IResult
    {
        public async Task ExecuteAsync(HttpContext context)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = Json;
            context.Response.ContentLength = body.Length;
            if (retryAfter is { } wait)
                context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString();
            if (status == StatusCodes.Status401Unauthorized)
                context.Response.Headers.WWWAuthenticate = "Bearer";
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
