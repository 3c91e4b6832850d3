using Calls.Actors.Persistence;
using Calls.Host.Nodes;
using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Rest;

/// <summary>Past calls: a channel's, and the asking user's own.</summary>
internal static class HistoryRoutes
{
    /// <summary>Most calls that are marked at once by name: all that a user's history holds.</summary>
    private const int MaxSeen = 1000;

    public static void MapHistoryRoutes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/dm/{channelId}/calls", OfChannel).RequireUser();
        var own = app.MapGroup("/api/me/calls").RequireUser();
        own.MapGet("", OfUser);
        own.MapPost("seen", MarkSeen);
    }

    private static async Task<IResult> OfChannel(HttpContext context, string channelId, CallNode node)
    {
        var user = Bearer.IdentityOf(context).UserId;
        if (!IdSyntax.IsValid(channelId))
            return RestReply.Error(Refusals.Invalid("channel_id", $"must be an id of {IdSyntax.Rule}"));
        var (paging, refusal) = Paging.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var id = new ChannelId(channelId);
        var channel = await node.Store.GetChannel(id);
        if (channel?.Find(user) is not { CanRead: true })
            return RestReply.Error(Refusals.NotFound);
        var page = await node.Store.ListHistory(id, paging.Before, paging.Limit);
        var calls = page.Select(entry => WireJson.ReadEndedCall(entry.Payload).For(user));
        return RestReply.Ok(new { Calls = calls, NextBefore = paging.Next(page, entry => entry.Call) });
    }

    private static async Task<IResult> OfUser(HttpContext context, CallNode node)
    {
        var user = Bearer.IdentityOf(context).UserId;
        var (paging, refusal) = Paging.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var wanted = context.Request.Query["missed"].ToString();
        if (wanted is not ("" or "true" or "false"))
            return RestReply.Error(Refusals.Invalid("missed", "must be true or false"));
        var filter = wanted == "true" ? UserCallFilter.Missed : UserCallFilter.All;
        var page = await node.Store.ListUserCalls(user, filter, paging.Before, paging.Limit);
        var next = paging.Next(page, call => call.Call);
        return filter == UserCallFilter.Missed
            ? RestReply.Ok(new { Calls = page.Select(HistoryViews.Missed), NextBefore = next })
            : RestReply.Ok(new { Calls = await Ended(node.Store, user, page), NextBefore = next });
    }

    /// <summary>The calls themselves stand with their channels; one that still lives, or was never made, is not among them.</summary>
    private static async Task<IEnumerable<CallView>> Ended(ICallStore store, UserId user, IReadOnlyList<UserCall> calls)
    {
        var entries = await Task.WhenAll(calls.Select(call => store.FindHistory(call.Channel, call.Call).AsTask()));
        return entries.OfType<HistoryEntry>().Select(entry => WireJson.ReadEndedCall(entry.Payload).For(user));
    }

    private static async Task<IResult> MarkSeen(HttpContext context, CallNode node)
    {
        var (json, refusal) = await RequestBody.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var body = new BodyReader(json);
        var calls = body.Ids("call_ids", MaxSeen);
        if (body.Error is { } error)
            return RestReply.Error(error);
        var seen = calls?.Select(id => new CallId(id)).ToArray();
        var unseen = await node.Store.MarkSeen(Bearer.IdentityOf(context).UserId, seen);
        return RestReply.Ok(new { Unseen = unseen });
    }
}
