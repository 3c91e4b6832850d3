using Calls.Actors.Calls;
using Calls.Host.Contract;
using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>What the chat app's backend tells: which channels there are, and who is in them.</summary>
internal static class AdminRoutes
{
    public static void MapAdminRoutes(this IEndpointRouteBuilder app)
    {
        var channel = app.MapGroup("/api/admin/dm/{channelId}").RequireUser(admin: true);
        Map(channel, HttpMethods.Put, "", "channel_put", "Makes or replaces a channel.", ReadChannel);
        Map(channel, HttpMethods.Patch, "members", "members_patch", "Adds and removes members.", ReadPatch);
        Map(channel, HttpMethods.Delete, "", "channel_delete", "Removes the channel.", (ref _) => new DeleteChannel());
        Map(channel, HttpMethods.Delete, "members/{userId}", "member_delete", "Removes a member.", ReadRemoval);
    }

    /// <summary>One reader of the body: it serves the requests, and says in the contract what they may hold.</summary>
    private static void Map(
        RouteGroupBuilder channel,
        string method,
        string pattern,
        string id,
        string summary,
        ObjectReader<ChannelEdit> read
    )
    {
        var fields = FieldList.Of(read).Without("user_id");
        channel
            .MapMethods(pattern, [method], (HttpContext context, Gateway gateway) => Edit(context, gateway, read))
            .Describe(
                new RouteDescription(id, summary, new RouteAnswer(StatusCodes.Status200OK, typeof(NoResult)))
                {
                    Body = fields.Fields.Count > 0 ? fields : null,
                    Refusals = [ErrorCode.CallNotFound, ErrorCode.InternalError],
                }
            );
    }

    private static async Task<IResult> Edit(HttpContext context, Gateway gateway, ObjectReader<ChannelEdit> read)
    {
        var path = context.Request.RouteValues;
        var id = path["channelId"]?.ToString();
        var (edit, refusal) = await RequestBody.Read(context.Request, read, ("user_id", path["userId"]?.ToString()));
        if (refusal is null && !IdSyntax.IsValid(id))
            refusal = Refusals.Invalid("channel_id", $"must be {IdRule.Instance.Words}");
        if (refusal is not null)
            return RestReply.Error(refusal);
        var user = Bearer.IdentityOf(context).UserId;
        return RestReply.Of(await RestReply.Ask(reply => gateway.Dispatch(user, new ChannelId(id!), edit!, reply)));
    }

    private static ReplaceChannel ReadChannel(ref FieldReader body) => new(body.Kind(), body.Members("members"));

    private static PatchMembers ReadPatch(ref FieldReader body) =>
        new(body.SomeMembers("add"), body.SomeUsers("remove"));

    private static PatchMembers ReadRemoval(ref FieldReader body) => new([], [body.User()]);
}
