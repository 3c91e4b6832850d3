namespace Calls.Actors.Redis;

/// <summary>Calls that are over: a sorted set by start says which there are and in what order, a hash what they were.</summary>
internal static partial class RedisScripts
{
    /// <summary>KEYS: history, its payloads. ARGV: call, retention in ms. Gives its start and payload, or nothing.</summary>
    public const string FindHistory =
        Oldest
        + """
            local start = redis.call('ZSCORE', KEYS[1], ARGV[1])
            if not start or tonumber(start) <= tonumber(oldest(ARGV[2])) then return {} end
            return {start, redis.call('HGET', KEYS[2], ARGV[1])}
            """;

    /// <summary>KEYS: history, its payloads. ARGV: before (nothing: from the newest on), limit, retention in ms. Gives id, start and payload of each.</summary>
    public const string ListHistory =
        Page
        + """
            local found = page(KEYS[1], KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3])
            local result = {}
            for i = 1, #found, 2 do
              result[#result + 1] = found[i]
              result[#result + 1] = found[i + 1]
              result[#result + 1] = redis.call('HGET', KEYS[2], found[i])
            end
            return result
            """;

    /// <summary>
    /// KEYS: the user's calls, their records, those missed, those unseen. ARGV: call, its start in ms, its record, its
    /// mark (Unseen, Seen or nothing), retention in ms, how many calls are held at most.
    /// </summary>
    public const string PutUserCall =
        Trim
        + """
            redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
            redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
            if ARGV[4] == '' then redis.call('ZREM', KEYS[3], ARGV[1]) else redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1]) end
            if ARGV[4] ~= 'Unseen' then redis.call('ZREM', KEYS[4], ARGV[1]) else redis.call('ZADD', KEYS[4], ARGV[2], ARGV[1]) end
            trim(KEYS[1], KEYS[2], {KEYS[3], KEYS[4]}, ARGV[5], ARGV[6])
            """;

    /// <summary>
    /// KEYS: the user's calls, their records, those missed, those unseen, and that of the first and the last two that is
    /// asked for. ARGV: as for <see cref="ListHistory"/>. Gives record and mark of each.
    /// </summary>
    public const string ListUserCalls =
        Page
        + """
            local found = page(KEYS[1], KEYS[5], ARGV[1], tonumber(ARGV[2]), ARGV[3])
            local result = {}
            for i = 1, #found, 2 do
              local mark = ''
              if redis.call('ZSCORE', KEYS[4], found[i]) then
                mark = 'Unseen'
              elseif redis.call('ZSCORE', KEYS[3], found[i]) then
                mark = 'Seen'
              end
              result[#result + 1] = redis.call('HGET', KEYS[2], found[i])
              result[#result + 1] = mark
            end
            return result
            """;

    /// <summary>KEYS: the user's unseen calls. ARGV: retention in ms, whether all of them (0, 1), otherwise which. Gives how many are unseen now.</summary>
    public const string MarkSeen =
        Oldest
        + """
            if ARGV[2] == '1' then
              redis.call('DEL', KEYS[1])
            else
              for i = 3, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
            end
            return redis.call('ZCOUNT', KEYS[1], '(' .. oldest(ARGV[1]), '+inf')
            """;

    /// <summary>The latest start whose retention is over, by the server's clock.</summary>
    private const string Oldest = """
        local function oldest(retention)
          local now = redis.call('TIME')
          return string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) - retention)
        end

        """;

    /// <summary>
    /// Takes what is over and what is too much out of a sorted set, out of the hash of its payloads and out of other
    /// sorted sets, and lets all of them go by themselves if nothing is put any more.
    /// </summary>
    private const string Trim =
        Oldest
        + """
            local function trim(order, payloads, others, retention, most)
              local over = redis.call('ZCOUNT', order, '-inf', oldest(retention))
              over = math.max(over, redis.call('ZCARD', order) - most)
              if over > 0 then
                for _, id in ipairs(redis.call('ZRANGE', order, 0, over - 1)) do
                  redis.call('HDEL', payloads, id)
                  for _, other in ipairs(others) do redis.call('ZREM', other, id) end
                end
                redis.call('ZREMRANGEBYRANK', order, 0, over - 1)
              end
              redis.call('PEXPIRE', order, retention)
              redis.call('PEXPIRE', payloads, retention)
              for _, other in ipairs(others) do redis.call('PEXPIRE', other, retention) end
            end

            """;

    /// <summary>
    /// At most <c>limit</c> ids of <c>list</c>, a part of <c>all</c>, with their starts, newest first, behind the one that
    /// is named. That one may have left the list since it was shown (a call that was seen), so its place is found by
    /// what comes before it; those of the same instant stand in the order of their ids.
    /// </summary>
    private const string Page =
        Oldest
        + """
            local function page(all, list, before, limit, retention)
              if limit < 1 then return {} end
              local first = 0
              if before ~= '' then
                local rank = redis.call('ZREVRANK', all, before)
                if not rank then return {} end
                local start = redis.call('ZSCORE', all, before)
                first = redis.call('ZCOUNT', list, '(' .. start, '+inf')
                for _, id in ipairs(redis.call('ZRANGEBYSCORE', list, start, start)) do
                  if redis.call('ZREVRANK', all, id) <= rank then first = first + 1 end
                end
              end
              local found = redis.call('ZREVRANGE', list, first, first + limit - 1, 'WITHSCORES')
              local over = tonumber(oldest(retention))
              while #found > 0 and tonumber(found[#found]) <= over do
                table.remove(found)
                table.remove(found)
              end
              return found
            end

            """;
}
