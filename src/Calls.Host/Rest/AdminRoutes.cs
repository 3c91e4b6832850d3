using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Host.Signalling;
using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>What the chat app's backend tells: which channels there are, and who is in them.</summary>
internal static class AdminRoutes
{
    public static void MapAdminRoutes(this IEndpointRouteBuilder app)
    {
        var channel = app.MapGroup("/api/admin/dm/{channelId}").RequireUser(admin: true);
        channel.MapPut("", (HttpContext context, Gateway gateway) => Edit(context, gateway, ReadChannel));
        channel.MapPatch("members", (HttpContext context, Gateway gateway) => Edit(context, gateway, ReadPatch));
        channel.MapDelete(
            "",
            (HttpContext context, Gateway gateway) => Edit(context, gateway, (_, _) => new DeleteChannel())
        );
        channel.MapDelete(
            "members/{userId}",
            (HttpContext context, Gateway gateway) => Edit(context, gateway, ReadRemoval)
        );
    }

    private delegate ChannelEdit? Reader(HttpContext context, BodyReader body);

    private static async Task<IResult> Edit(HttpContext context, Gateway gateway, Reader read)
    {
        var (json, refusal) = await RequestBody.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var id = context.Request.RouteValues["channelId"]?.ToString();
        if (!IdSyntax.IsValid(id))
            return RestReply.Error(Refusals.Invalid("channel_id", $"must be an id of {IdSyntax.Rule}"));
        var body = new BodyReader(json);
        var edit = read(context, body);
        if (body.Error is { } error)
            return RestReply.Error(error);
        var user = Bearer.IdentityOf(context).UserId;
        return await RestReply.Await(reply => gateway.Dispatch(user, new ChannelId(id), edit!, reply));
    }

    private static ReplaceChannel ReadChannel(HttpContext context, BodyReader body) =>
        new(body.Kind("kind"), body.Members("members", required: true));

    private static PatchMembers ReadPatch(HttpContext context, BodyReader body) =>
        new(body.Members("add", required: false), body.Users("remove"));

    private static PatchMembers ReadRemoval(HttpContext context, BodyReader body) =>
        new([], [new UserId(body.Checked("user_id", context.Request.RouteValues["userId"]?.ToString()))]);
}
