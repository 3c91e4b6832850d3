using System.Text.Json;
using Calls.Actors.Calls;
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
        call.MapGet("", (HttpContext context, Gateway gateway) => Handle(context, gateway, "call_get"));
        call.MapPost("start", (HttpContext context, Gateway gateway) => Handle(context, gateway, "call_start", 201));
        foreach (var verb in new[] { "join", "decline", "dismiss", "leave", "end", "ring" })
            call.MapPost(verb, (HttpContext context, Gateway gateway) => Handle(context, gateway, $"call_{verb}"));
        call.MapPut("state", (HttpContext context, Gateway gateway) => Handle(context, gateway, "voice_state"));
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
        var command = context.Request.Headers["Idempotency-Key"];
        var parsed = RequestParser.Parse(
            type,
            body,
            ("channel_id", channel),
            ("command_id", command.Count == 0 ? null : command.ToString())
        );
        if (parsed.Error is { } error)
            return CallReply.Refuse(error);
        if (CallerOf(context) is not { } caller)
            return CallReply.Refuse(Refusals.Invalid("X-Device-Id", $"must be an id of {IdSyntax.Rule}"));
        return await RestReply.Ask(reply => gateway.Dispatch(caller, (ChannelRequest)parsed.Request!, reply));
    }

    /// <summary>The user, and the device that takes the media: the one the header names, else the newest connection's, else none yet.</summary>
    private static Caller? CallerOf(HttpContext context)
    {
        var identity = Bearer.IdentityOf(context);
        var connections = context.RequestServices.GetRequiredService<Connections>();
        DeviceId? device = null;
        if (context.Request.Headers.TryGetValue("X-Device-Id", out var named))
        {
            if (!IdSyntax.IsValid(named.ToString()))
                return null;
            device = new DeviceId(named.ToString());
        }
        var newest = connections.Newest(identity.UserId, device);
        return new Caller(identity.UserId, identity.Name, device ?? newest?.Device, newest?.Id, AnyDevice: true);
    }
}
