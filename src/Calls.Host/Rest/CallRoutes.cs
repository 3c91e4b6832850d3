using System.Text.Json;
using Calls.Actors.Calls;
using Calls.Host.Contract;
using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>The call's verbs by REST: each becomes the request of the same name and takes the same way as over a WebSocket.</summary>
internal static class CallRoutes
{
    public static void MapCallRoutes(this IEndpointRouteBuilder app)
    {
        var call = app.MapGroup("/api/dm/{channelId}/call").RequireUser();
        Map(call, HttpMethods.Get, "", "call_get");
        Map(call, HttpMethods.Post, "start", "call_start", StatusCodes.Status201Created);
        foreach (var verb in new[] { "join", "decline", "dismiss", "leave", "end", "ring" })
            Map(call, HttpMethods.Post, verb, $"call_{verb}");
        Map(call, HttpMethods.Put, "state", "voice_state");
        call.MapGet("stats", Stats)
            .Describe(
                new RouteDescription(
                    "call_stats",
                    "How the media of everybody in the call does; for who is in it.",
                    new RouteAnswer(200, typeof(CallStatsView))
                )
                {
                    Refusals = [ErrorCode.CallNotFound, ErrorCode.InvalidTransition, ErrorCode.InternalError],
                }
            );
    }

    private static void Map(RouteGroupBuilder call, string method, string pattern, string type, int status = 200) =>
        call.MapMethods(
                pattern,
                [method],
                (HttpContext context, Gateway gateway) => Handle(context, gateway, type, status)
            )
            .Describe(RequestRoutes.Describe(type, type, status));

    private static async Task<IResult> Stats(HttpContext context, string channelId, Gateway gateway)
    {
        if (!IdSyntax.IsValid(channelId))
            return RestReply.Error(Refusals.Invalid(RequestRoutes.Channel, $"must be an id of {IdSyntax.Rule}"));
        var identity = Bearer.IdentityOf(context);
        var caller = new Caller(identity.UserId, identity.Name, Device: null, Connection: null, AnyDevice: true);
        var request = new CallStatsRequest(new ChannelId(channelId));
        return RestReply.Of(await RestReply.Ask(reply => gateway.Dispatch(caller, request, reply)));
    }

    /// <summary>Does what the request of this type does, and answers as REST has it.</summary>
    public static async Task<IResult> Handle(HttpContext context, Gateway gateway, string type, int status = 200)
    {
        var (body, refusal) = await RequestBody.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        return RestReply.Of(await Ask(context, gateway, type, body), status);
    }

    /// <summary>Asks the call actor on behalf of the request.</summary>
    public static async Task<CallReply> Ask(HttpContext context, Gateway gateway, string type, JsonElement body)
    {
        // The path names the channel; the header is REST's way of giving a command_id.
        var channel = context.Request.RouteValues["channelId"]?.ToString();
        var command = context.Request.Headers[RequestRoutes.CommandHeader];
        var parsed = RequestParser.Parse(
            type,
            body,
            (RequestRoutes.Channel, channel),
            (RequestRoutes.Command, command.Count == 0 ? null : command.ToString())
        );
        if (parsed.Error is { } error)
            return CallReply.Refuse(error);
        if (CallerOf(context) is not { } caller)
            return CallReply.Refuse(Refusals.Invalid(RequestRoutes.DeviceHeader, $"must be an id of {IdSyntax.Rule}"));
        return await RestReply.Ask(reply => gateway.Dispatch(caller, (ChannelRequest)parsed.Request!, reply));
    }

    /// <summary>The user, and the device that takes the media: the one the header names, else the newest connection's, else none yet.</summary>
    private static Caller? CallerOf(HttpContext context)
    {
        var identity = Bearer.IdentityOf(context);
        var connections = context.RequestServices.GetRequiredService<Connections>();
        DeviceId? device = null;
        if (context.Request.Headers.TryGetValue(RequestRoutes.DeviceHeader, out var named))
        {
            if (!IdSyntax.IsValid(named.ToString()))
                return null;
            device = new DeviceId(named.ToString());
        }
        var newest = connections.Newest(identity.UserId, device);
        return new Caller(identity.UserId, identity.Name, device ?? newest?.Device, newest?.Id, AnyDevice: true);
    }
}
