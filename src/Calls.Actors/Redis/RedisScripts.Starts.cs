namespace Calls.Actors.Redis;

/// <summary>The counters that limit starts: sorted sets by the time at which a place was taken, in µs by the server's clock.</summary>
internal static partial class RedisScripts
{
    /// <summary>
    /// What seems to have been taken in the future was taken before the clock was set back, or by another server's
    /// clock; to wait for it could take for ever.
    /// KEYS: counter. ARGV: start, places, window in µs. Gives -1, or how many µs it takes until one is free.
    /// </summary>
    public const string TakeStart = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[3]))
        redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
        if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return -1 end
        local taken = redis.call('ZCARD', KEYS[1])
        if taken >= tonumber(ARGV[2]) then
          local first = redis.call('ZRANGE', KEYS[1], taken - ARGV[2], taken - ARGV[2], 'WITHSCORES')
          return first[2] + ARGV[3] - now
        end
        redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
        redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[3] / 1000))
        return -1
        """;
}
