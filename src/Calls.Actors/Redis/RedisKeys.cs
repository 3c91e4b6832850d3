using System.Text;
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

    /// <summary>A hash: <c>call</c>, the call the user is in, and a field <c>live:CHANNEL</c> for each with a live call.</summary>
    public static RedisKey User(UserId user) => $"{{u{Shard(user.Value, UserShards)}}}:user:{user}";

    public static RedisKey Secret(string name) => $"secret:{name}";

    private static string Tag(ChannelId channel) => $"{{c{Shard(channel.Value, ChannelShards)}}}";

    /// <summary>FNV-1a, the same on every node and for ever, unlike string.GetHashCode.</summary>
    private static uint Shard(string id, uint shards)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(id))
            hash = (hash ^ b) * 16777619u;
        return hash % shards;
    }
}
