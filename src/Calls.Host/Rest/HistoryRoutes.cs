using System.Collections.Immutable;
using Calls.Actors.Persistence;
using Calls.Host.Contract;
using Calls.Host.Nodes;
using Calls.Host.Signalling;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>Past calls: a channel's, and the asking user's own.</summary>
internal static class HistoryRoutes
{
    /// <summary>Most calls that are marked at once by name: all that a user's history holds.</summary>
    private const int MaxSeen = 1000;

    private static readonly ListRule<string> SeenRule = new(IdRule.Instance, "call ids", max: MaxSeen);

    private static readonly Field MissedField = new(
        "missed",
        FlagRule.Instance,
        Required: false,
        "Only the missed calls, in the short form, seen ones too."
    );

    public static void MapHistoryRoutes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/dm/{channelId}/calls", OfChannel)
            .RequireUser()
            .Describe(
                new RouteDescription(
                    "channel_calls",
                    "The channel's past calls.",
                    new RouteAnswer(200, typeof(CallPage))
                )
                {
                    Query = Paging.Query,
                    Refusals = [ErrorCode.CallNotFound, ErrorCode.InternalError],
                }
            );
        var own = app.MapGroup("/api/me/calls").RequireUser();
        own.MapGet("", OfUser)
            .Describe(
                new RouteDescription(
                    "my_calls",
                    "The asking user's own past calls.",
                    new RouteAnswer(200, typeof(CallPage)),
                    new RouteAnswer(200, typeof(MissedPage))
                )
                {
                    Query = [MissedField, .. Paging.Query],
                    Refusals = [ErrorCode.InternalError],
                }
            );
        own.MapPost("seen", MarkSeen)
            .Describe(
                new RouteDescription(
                    "calls_seen",
                    "Marks missed calls as seen.",
                    new RouteAnswer(200, typeof(UnseenView))
                )
                {
                    Body = FieldList.Of(ReadSeen),
                    Refusals = [ErrorCode.InternalError],
                }
            );
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
        return RestReply.Ok(new CallPage([.. calls], paging.Next(page, entry => entry.Call)));
    }

    private static async Task<IResult> OfUser(HttpContext context, CallNode node)
    {
        var user = Bearer.IdentityOf(context).UserId;
        var (paging, refusal) = Paging.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var wanted = context.Request.Query["missed"].ToString();
        if (wanted is not ("" or "true" or "false"))
            return RestReply.Error(Refusals.Invalid(MissedField.Name, $"must be {FlagRule.Instance.Words}"));
        var filter = wanted == "true" ? UserCallFilter.Missed : UserCallFilter.All;
        var page = await node.Store.ListUserCalls(user, filter, paging.Before, paging.Limit);
        var next = paging.Next(page, call => call.Call);
        return filter == UserCallFilter.Missed
            ? RestReply.Ok(new MissedPage([.. page.Select(HistoryViews.Missed)], next))
            : RestReply.Ok(new CallPage([.. await Ended(node.Store, user, page)], next));
    }

    /// <summary>The calls themselves stand with their channels; one that still lives, or was never made, is not among them.</summary>
    private static async Task<IEnumerable<CallView>> Ended(ICallStore store, UserId user, IReadOnlyList<UserCall> calls)
    {
        var entries = await Task.WhenAll(calls.Select(call => store.FindHistory(call.Channel, call.Call).AsTask()));
        return entries.OfType<HistoryEntry>().Select(entry => WireJson.ReadEndedCall(entry.Payload).For(user));
    }

    private static async Task<IResult> MarkSeen(HttpContext context, CallNode node)
    {
        var (seen, refusal) = await RequestBody.Read(context.Request, ReadSeen);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var unseen = await node.Store.MarkSeen(Bearer.IdentityOf(context).UserId, seen);
        return RestReply.Ok(new UnseenView(unseen));
    }

    private static CallId[]? ReadSeen(ref FieldReader body) =>
        body.TryRead("call_ids", SeenRule, out var ids) ? [.. ids.Select(id => new CallId(id))] : null;

    private sealed record CallPage(ImmutableArray<CallView> Calls, CallId? NextBefore);

    private sealed record MissedPage(ImmutableArray<MissedEntryView> Calls, CallId? NextBefore);

    private sealed record UnseenView(int Unseen);
}
