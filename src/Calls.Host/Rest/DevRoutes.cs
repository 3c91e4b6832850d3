using Calls.Actors.Persistence;
using Calls.Host.Auth;
using Calls.Host.Nodes;
using Calls.Protocol;

namespace Calls.Host.Rest;

/// <summary>Only in Development: tokens for the asking, the demo users, and which channels they are in.</summary>
internal static class DevRoutes
{
    private static readonly TimeSpan DefaultTtl = TimeSpan.FromHours(12);
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(3650);

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
        app.MapPost("/dev/token", IssueToken);
        app.MapGet("/dev/channels", ListDemoChannels).RequireUser();
    }

    private static async Task<IResult> IssueToken(HttpContext context, DevTokens tokens)
    {
        var (body, refusal) = await RequestBody.Read(context.Request);
        if (refusal is not null)
            return RestReply.Error(refusal);
        var reader = new BodyReader(body);
        var user = reader.Id("user_id");
        var name = reader.Name("name") ?? DemoNameOf(user);
        var admin = reader.Flag("admin");
        var ttl = reader.Seconds("ttl_secs", LongestTtl) ?? DefaultTtl;
        if (reader.Error is { } error)
            return RestReply.Error(error);
        return RestReply.Ok(new { Token = tokens.Issue(new UserId(user), name, admin, ttl) });
    }

    private static async Task<IResult> ListDemoChannels(HttpContext context, CallNode node)
    {
        var user = Bearer.IdentityOf(context).UserId;
        var channels = new List<object>();
        foreach (var demo in DemoChannels)
        {
            if (await node.Store.GetChannel(demo.Id) is { } channel && channel.Find(user) is { CanRead: true })
                channels.Add(
                    new
                    {
                        ChannelId = channel.Id,
                        channel.Kind,
                        Members = channel.Members.Select(m => new { m.UserId, m.Name }),
                    }
                );
        }
        return RestReply.Ok(new { Channels = channels });
    }

    private static string? DemoNameOf(string user) => DemoUsers.FirstOrDefault(u => u.Id == user).Name;

    private static Member[] MembersOf((string Id, string Name)[] users) =>
        [.. users.Select(u => new Member(new UserId(u.Id), u.Name, Permissions.Read | Permissions.Call))];
}
