using System.Collections.Immutable;
using System.Text.Json;
using Calls.Actors.Calls;
using Calls.Host.Contract;
using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>Voice presence: the call's verbs under the names of apps that do not ring, on the same command path.</summary>
internal static class PresenceRoutes
{
    private static readonly JsonElement Empty = JsonElement.Parse("{}"u8);

    public static void MapPresenceRoutes(this IEndpointRouteBuilder app)
    {
        var presence = app.MapGroup("/api/dm-groups/{channelId}/voice-presence").RequireUser();
        presence
            .MapGet("", Show)
            .Describe(
                RequestRoutes.Describe("presence_get", "call_get", 200) with
                {
                    Summary = "Who is in the call.",
                    Answers = [new RouteAnswer(200, typeof(PresenceView))],
                }
            );
        var start = RequestRoutes.Describe("presence_join", "call_start", 201);
        presence
            .MapPost("join", Join)
            .Describe(
                start with
                {
                    Summary = "Joins the call, or starts one.",
                    Answers = [.. start.Answers, new RouteAnswer(200, typeof(CallView))],
                    Refusals = [.. start.Refusals, ErrorCode.CallFull],
                }
            );
        Map(presence, HttpMethods.Delete, "leave", "call_leave");
        Map(presence, HttpMethods.Put, "state", "voice_state");
    }

    private static void Map(RouteGroupBuilder presence, string method, string verb, string type) =>
        presence
            .MapMethods(
                verb,
                [method],
                (HttpContext context, Gateway gateway) => CallRoutes.Handle(context, gateway, type)
            )
            .Describe(RequestRoutes.Describe($"presence_{verb}", type, 200));

    private static async Task<IResult> Show(HttpContext context, Gateway gateway)
    {
        var reply = await CallRoutes.Ask(context, gateway, "call_get", Empty);
        if (reply.Refusal is not null)
            return RestReply.Of(reply);
        var call = JsonElement.Parse(reply.Result);
        var isLive = call.ValueKind == JsonValueKind.Object && !call.GetProperty("status").ValueEquals("ended");
        return RestReply.Ok(new PresenceView(isLive ? Read(call.GetProperty("voice_states")) : []));
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

    private static ImmutableArray<VoiceStateView> Read(JsonElement states) =>
        states.Deserialize<ImmutableArray<VoiceStateView>>(WireJson.Options);

    private sealed record PresenceView(ImmutableArray<VoiceStateView> Users);
}
