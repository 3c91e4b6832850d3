using System.Text;
using Calls.Actors.Persistence;
using Calls.Protocol;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>
/// The keys. Whatever one script changes has one hash tag (Redis Cluster, "hash tags"): a shard of the channels or of
/// the users. Ids may hold colons, so where several stand in a key a slash divides them.
/// </summary>
public static class RedisKeys
{
    /// <summary>Shards of the channels. Fixed for good: another number would look elsewhere for what is stored. Listing all live calls reads as many hashes; sixteen masters get four each.</summary>
    public const int ChannelShards = 64;

    /// <summary>Shards of the users. Fixed for good; never listed, so there can be more.</summary>
    public const int UserShards = 1024;

    public static RedisKey Channel(ChannelId channel) => $"{Tag(channel)}:channel:{channel}";

    /// <summary>Channel → <see cref="OpenRecord"/>: the live calls of a shard.</summary>
    public static RedisKey Open(ChannelId channel) => $"{Tag(channel)}:open";

    public static IEnumerable<RedisKey> AllOpen() =>
        Enumerable.Range(0, ChannelShards).Select(shard => (RedisKey)$"{{c{shard}}}:open");

    /// <summary>The call's stream.</summary>
    public static RedisKey Call(ChannelId channel, CallId call) => $"{Tag(channel)}:call:{call}";

    public static RedisKey Command(ChannelId channel, UserId user, CommandId command) =>
        $"{Tag(channel)}:cmd:{channel}/{user}/{command}";

    /// <summary>A sorted set by start: the ids of the channel's ended calls.</summary>
    public static RedisKey History(ChannelId channel) => $"{Tag(channel)}:history:{channel}";

    /// <summary>A hash, id → payload: the channel's ended calls.</summary>
    public static RedisKey HistoryPayloads(ChannelId channel) => $"{Tag(channel)}:history_payloads:{channel}";

    /// <summary>A set of <c>CHANNEL/CALL</c>: the unsettled calls of a shard.</summary>
    public static RedisKey Unsettled(ChannelId channel) => $"{Tag(channel)}:unsettled";

    public static IEnumerable<RedisKey> AllUnsettled() =>
        Enumerable.Range(0, ChannelShards).Select(shard => (RedisKey)$"{{c{shard}}}:unsettled");

    /// <summary>The outbox, a shard's: a stream of the webhooks that wait, in the order of arrival.</summary>
    public static RedisKey Outbox(ChannelId channel) => Outbox(ShardOf(channel));

    public static RedisKey Outbox(int shard) => $"{{c{shard}}}:outbox";

    /// <summary>The shard that a channel is in.</summary>
    public static int ShardOf(ChannelId channel) => (int)Shard(channel.Value, ChannelShards);

    /// <summary>A hash: <c>call</c>, the call the user is in; <c>settings</c>; for each channel with a live call <c>live:CHANNEL</c>, and <c>dismissed:CHANNEL</c> where its ring was.</summary>
    public static RedisKey User(UserId user) => $"{Tag(user)}:user:{user}";

    /// <summary>A sorted set by start: the ids of the user's calls.</summary>
    public static RedisKey UserCalls(UserId user) => $"{Tag(user)}:calls:{user}";

    /// <summary>A hash, id → <see cref="UserCall"/> without its mark: the user's calls.</summary>
    public static RedisKey UserCallRecords(UserId user) => $"{Tag(user)}:call_records:{user}";

    /// <summary>A sorted set by start: those calls that the user missed.</summary>
    public static RedisKey Missed(UserId user) => $"{Tag(user)}:missed:{user}";

    /// <summary>A sorted set by start: those missed that they have not seen.</summary>
    public static RedisKey Unseen(UserId user) => $"{Tag(user)}:unseen:{user}";

    /// <summary>A sorted set by time: the starts that hold a place.</summary>
    public static RedisKey Starts(StartCounter counter) =>
        counter.Kind switch
        {
            StartCounterKind.Channel => $"{Tag(new ChannelId(counter.Id))}:starts:{counter.Id}",
            StartCounterKind.Target => $"{Tag(new UserId(counter.Id))}:starts_at:{counter.Id}",
            _ => $"{Tag(new UserId(counter.Id))}:starts_by:{counter.Id}",
        };

    /// <summary>A hash, connection → device and time: where the user's devices are connected.</summary>
    public static RedisKey Connections(UserId user) => $"{Tag(user)}:connections:{user}";

    /// <summary>A hash, node → its record: the registry.</summary>
    public static RedisKey Nodes { get; } = "nodes";

    /// <summary>The channel on which a node is sent messages.</summary>
    public static string Inbox(string node) => $"node:{node}";

    public static RedisKey Secret(string name) => $"secret:{name}";

    private static string Tag(ChannelId channel) => $"{{c{ShardOf(channel)}}}";

    private static string Tag(UserId user) => $"{{u{Shard(user.Value, UserShards)}}}";

    /// <summary>FNV-1a, the same on every node and for ever, unlike string.GetHashCode.</summary>
    private static uint Shard(string id, uint shards)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(id))
            hash = (hash ^ b) * 16777619u;
        return hash % shards;
    }
}
