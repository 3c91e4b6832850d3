using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Persistence;
using Calls.Host.Contract;
using Calls.Host.Nodes;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>What a user sets about being called.</summary>
internal static class SettingsRoutes
{
    private static readonly ChoiceRule<Notifications> NotificationsRule = new(Enum.GetValues<Notifications>());
    private static readonly ListRule<string> BlockedRule = new(
        IdRule.Instance,
        "user ids",
        max: CallSettings.MaxBlocked
    );

    public static void MapSettingsRoutes(this IEndpointRouteBuilder app)
    {
        var settings = app.MapGroup("/api/me/call-settings").RequireUser();
        settings
            .MapGet("", Get)
            .Describe(
                new RouteDescription(
                    "call_settings_get",
                    "What the asking user has set about being called.",
                    new RouteAnswer(200, typeof(CallSettings))
                )
                {
                    Refusals = [ErrorCode.InternalError],
                }
            );
        settings
            .MapPut("", Put)
            .Describe(
                new RouteDescription(
                    "call_settings_put",
                    "Sets it; what is left out stays as it is.",
                    new RouteAnswer(200, typeof(CallSettings))
                )
                {
                    Body = FieldList.Of(ReadWish),
                    Refusals = [ErrorCode.InternalError],
                }
            );
    }

    private static async Task<IResult> Get(HttpContext context, CallNode node) =>
        RestReply.Ok(await node.Store.GetSettings(Bearer.IdentityOf(context).UserId));

    private static async Task<IResult> Put(HttpContext context, CallNode node)
    {
        var user = Bearer.IdentityOf(context).UserId;
        var (wish, refusal) = await RequestBody.Read(context.Request, ReadWish);
        if (wish?.Blocked?.Contains(user) == true)
            refusal = Refusals.Invalid("blocked", "names you yourself");
        if (refusal is not null)
            return RestReply.Error(refusal);
        var before = await node.Store.GetSettings(user);
        var settings = new CallSettings(wish!.Notifications ?? before.Notifications, wish.Blocked ?? before.Blocked);
        await node.Store.PutSettings(user, settings);
        foreach (var channel in await node.Store.LiveChannels(user))
            node.Region.Tell(new SettingsChanged(channel, user, settings));
        return RestReply.Ok(settings);
    }

    private static Wish ReadWish(ref FieldReader body) =>
        new(
            body.TryRead("notifications", NotificationsRule, out var notifications) ? notifications : null,
            body.TryRead("blocked", BlockedRule, out var ids) ? [.. ids.Distinct().Select(id => new UserId(id))] : null
        );

    /// <summary>Null for what is to stay.</summary>
    private sealed record Wish(Notifications? Notifications, ImmutableArray<UserId>? Blocked);
}
