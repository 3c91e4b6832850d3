using Calls.Actors.Calls;
using Calls.Actors.Persistence;
using Calls.Host.Nodes;
using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>What a user sets about being called.</summary>
internal static class SettingsRoutes
{
    public static void MapSettingsRoutes(this IEndpointRouteBuilder app)
    {
        var settings = app.MapGroup("/api/me/call-settings").RequireUser();
        settings.MapGet("", Get);
        settings.MapPut("", Put);
    }

    private static async Task<IResult> Get(HttpContext context, CallNode node) =>
        RestReply.Ok(await node.Store.GetSettings(Bearer.IdentityOf(context).UserId));

    private static async Task<IResult> Put(HttpContext context, CallNode node)
    {
        var user = Bearer.IdentityOf(context).UserId;
        var (json, refusal) = await RequestBody.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var before = await node.Store.GetSettings(user);
        var body = new BodyReader(json);
        var notifications = body.Notifications("notifications") ?? before.Notifications;
        var blocked = body.Ids("blocked", CallSettings.MaxBlocked)?.Distinct().Select(id => new UserId(id));
        var settings = new CallSettings(notifications, blocked is null ? before.Blocked : [.. blocked]);
        if (body.Error is { } error)
            return RestReply.Error(error);
        if (settings.Blocked.Contains(user))
            return RestReply.Error(Refusals.Invalid("blocked", "names you yourself"));
        await node.Store.PutSettings(user, settings);
        foreach (var channel in await node.Store.LiveChannels(user))
            node.Region.Tell(new SettingsChanged(channel, user, settings));
        return RestReply.Ok(settings);
    }
}
