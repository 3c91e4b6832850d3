using System.Text.Json;
using Calls.Actors.Calls;
using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>Voice presence: the call's verbs under the names of apps that do not ring, on the same command path.</summary>
internal static class PresenceRoutes
{
    private static readonly JsonElement Empty = JsonElement.Parse("{}"u8);
    private static readonly JsonElement NoUsers = JsonElement.Parse("[]"u8);

    public static void MapPresenceRoutes(this IEndpointRouteBuilder app)
    {
        var presence = app.MapGroup("/api/dm-groups/{channelId}/voice-presence").RequireUser();
        presence.MapGet("", Show);
        presence.MapPost("join", Join);
        presence.MapDelete(
            "leave",
            (HttpContext context, Gateway gateway) => CallRoutes.Handle(context, gateway, "call_leave")
        );
        presence.MapPut(
            "state",
            (HttpContext context, Gateway gateway) => CallRoutes.Handle(context, gateway, "voice_state")
        );
    }

    private static async Task<IResult> Show(HttpContext context, Gateway gateway)
    {
        var reply = await CallRoutes.Ask(context, gateway, "call_get", Empty);
        if (reply.Refusal is not null)
            return RestReply.Of(reply);
        var call = JsonElement.Parse(reply.Result);
        var isLive = call.ValueKind == JsonValueKind.Object && !call.GetProperty("status").ValueEquals("ended");
        return RestReply.Ok(new { Users = isLive ? call.GetProperty("voice_states") : NoUsers });
    }

    /// <summary>Joins the call, or starts it where there is none, or joins after all if another was quicker to start it.</summary>
    private static async Task<IResult> Join(HttpContext context, Gateway gateway)
    {
        var (body, refusal) = await RequestBody.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var joined = await CallRoutes.Ask(context, gateway, "call_join", body);
        if (!IsForTheOther(joined))
            return RestReply.Of(joined);
        var started = await CallRoutes.Ask(context, gateway, "call_start", body);
        if (!IsForTheOther(started))
            return RestReply.Of(started, StatusCodes.Status201Created);
        var joinedAfterAll = await CallRoutes.Ask(context, gateway, "call_join", body);
        // What is wrong with the start itself is what the client is to hear, not that there is nothing to join.
        var isStartToBlame = joinedAfterAll.Refusal is not null && started.Refusal!.Code == ErrorCode.InvalidMessage;
        return RestReply.Of(isStartToBlame ? started : joinedAfterAll);
    }

    /// <summary>Whether the other of the two verbs may do. An Idempotency-Key belongs to the one that took effect with it.</summary>
    private static bool IsForTheOther(CallReply reply) =>
        reply.Refusal?.Code is ErrorCode.CallNotFound or ErrorCode.CallAlreadyExists or ErrorCode.InvalidMessage;
}
