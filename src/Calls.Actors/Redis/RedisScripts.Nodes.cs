namespace Calls.Actors.Redis;

internal static partial class RedisScripts
{
    /// <summary>KEYS: nodes. ARGV: node, incarnation. Removes the record if it is of that incarnation.</summary>
    public const string RemoveNode = """
        local record = redis.call('HGET', KEYS[1], ARGV[1])
        if record and cjson.decode(record).incarnation == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
        return 0
        """;
}
