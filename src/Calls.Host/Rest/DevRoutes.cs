using System.Collections.Immutable;
using Calls.Actors.Persistence;
using Calls.Host.Auth;
using Calls.Host.Contract;
using Calls.Host.Nodes;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Calls.Protocol.Wire.Fields;

namespace Calls.Host.Rest;

/// <summary>Only in Development: tokens for the asking, the demo users, and which channels they are in.</summary>
internal static class DevRoutes
{
    private static readonly TimeSpan DefaultTtl = TimeSpan.FromHours(12);
    private static readonly SecondsRule TtlRule = new(most: TimeSpan.FromDays(3650));

    private static readonly (string Id, string Name)[] DemoUsers =
    [
        ("alice", "Alice"),
        ("bob", "Bob"),
        ("carol", "Carol"),
        ("dave", "Dave"),
    ];

    private static readonly Channel[] DemoChannels =
    [
        new(new ChannelId("dm-alice-bob"), ChannelKind.Direct, MembersOf(DemoUsers[..2])),
        new(new ChannelId("group-demo"), ChannelKind.Group, MembersOf(DemoUsers)),
    ];

    /// <summary>The demo users' ids, for the start's message.</summary>
    public static IEnumerable<string> DemoUserIds => DemoUsers.Select(u => u.Id);

    /// <summary>Makes the demo channels where they are missing; one that was changed stays as it is.</summary>
    public static async Task MakeDemoChannels(ICallStore store)
    {
        foreach (var channel in DemoChannels)
        {
            if (await store.GetChannel(channel.Id) is null)
                await store.PutChannel(channel);
        }
    }

    public static void MapDevRoutes(this IEndpointRouteBuilder app)
    {
        app.MapPost("/dev/token", IssueToken)
            .Describe(
                new RouteDescription("dev_token", "Gives a token.", new RouteAnswer(200, typeof(TokenView)))
                {
                    Body = FieldList.Of(ReadTokenWish),
                }
            );
        app.MapGet("/dev/channels", ListDemoChannels)
            .RequireUser()
            .Describe(
                new RouteDescription(
                    "dev_channels",
                    "The demo channels of the asking user.",
                    new RouteAnswer(200, typeof(DemoChannelsView))
                )
            );
    }

    private static async Task<IResult> IssueToken(HttpContext context, DevTokens tokens)
    {
        var (wish, refusal) = await RequestBody.Read(context.Request, ReadTokenWish);
        if (wish is null)
            return RestReply.Error(refusal!);
        var token = tokens.Issue(wish.User, wish.Name ?? DemoNameOf(wish.User.Value), wish.Admin, wish.Ttl);
        return RestReply.Ok(new TokenView(token));
    }

    private static TokenWish ReadTokenWish(ref FieldReader body) =>
        new(
            body.User(),
            body.Name(),
            body.Flag("admin") ?? false,
            body.TryRead("ttl_secs", TtlRule, out var ttl) ? ttl : DefaultTtl
        );

    private static async Task<IResult> ListDemoChannels(HttpContext context, CallNode node)
    {
        var user = Bearer.IdentityOf(context).UserId;
        var channels = ImmutableArray.CreateBuilder<DemoChannelView>();
        foreach (var demo in DemoChannels)
        {
            if (await node.Store.GetChannel(demo.Id) is { } channel && channel.Find(user) is { CanRead: true })
                channels.Add(DemoChannelView.Of(channel));
        }
        return RestReply.Ok(new DemoChannelsView(channels.ToImmutable()));
    }

    private static string? DemoNameOf(string user) => DemoUsers.FirstOrDefault(u => u.Id == user).Name;

    private static Member[] MembersOf((string Id, string Name)[] users) =>
        [.. users.Select(u => new Member(new UserId(u.Id), u.Name, Permissions.Read | Permissions.Call))];

    private sealed record TokenWish(UserId User, string? Name, bool Admin, TimeSpan Ttl);

    private sealed record TokenView(string Token);

    private sealed record DemoChannelsView(ImmutableArray<DemoChannelView> Channels);

    private sealed record DemoChannelView(ChannelId ChannelId, ChannelKind Kind, ImmutableArray<DemoMemberView> Members)
    {
        public static DemoChannelView Of(Channel channel) =>
            new(channel.Id, channel.Kind, [.. channel.Members.Select(m => new DemoMemberView(m.UserId, m.Name))]);
    }

    private sealed record DemoMemberView(UserId UserId, string Name);
}
