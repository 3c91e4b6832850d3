namespace Calls.Actors.Redis;

/// <summary>What must happen in one step. All keys of a script have one hash tag.</summary>
internal static partial class RedisScripts
{
    /// <summary>
    /// Compares first and writes then, so that an error leaves nothing half done. The first XADD fails if the stream is
    /// ahead of the record, before anything has been written.
    /// KEYS: open hash, stream, outcome if there is one, and last the outbox if there are webhooks. ARGV: channel, call,
    /// home, epoch, nonce, expected version, previous tag, closes (0, 1), retention of the ended in ms, outcome given
    /// (0, 1), outcome, its retention in ms, how many entries there are, then a tag and an event for each, then the
    /// fields of each webhook. Gives what became of it and the live call's record.
    /// </summary>
    public const string Append = "local first = 14\n" + Write + Finish;

    /// <summary>
    /// The same for the append that closes a call and puts it into the history.
    /// KEYS: as above, always with an outcome's (not looked at when none is given), then history, its payloads,
    /// unsettled, and last the outbox. ARGV: as above, but before the entries the call's start in ms, what the history
    /// shall hold of it, the history's retention in ms and how many calls it holds at most.
    /// </summary>
    public const string AppendLast = "local first = 18\n" + Trim + Write + Keep + Finish;

    private const string Write =
        """
            local open = redis.call('HGET', KEYS[1], ARGV[1])
            local version = tonumber(ARGV[6])
            if version == 0 then
              if open then return {'AlreadyOpen', open} end
              if redis.call('EXISTS', KEYS[2]) == 1 then return {'Conflict', ''} end
            else
              if not open then return {'Fenced', ''} end
              local call, home, epoch, nonce, last, tag = string.match(open, '^(%S+) (%S+) (%d+) (%S+) (%d+) (%S+)$')
              if call ~= ARGV[2] or home ~= ARGV[3] or epoch ~= ARGV[4] or nonce ~= ARGV[5] then return {'Fenced', open} end
              if last ~= ARGV[6] or tag ~= ARGV[7] then return {'Conflict', open} end
            end
            local last
            local behind = first + 2 * ARGV[13]
            for i = first, behind - 1, 2 do
              version = version + 1
              last = ARGV[i]
              redis.call('XADD', KEYS[2], string.format('%d-0', version), 'tag', last, 'event', ARGV[i + 1])
            end
            for i = behind, #ARGV, 5 do

            """
        + Enqueue
        + "end\n";

    private const string Keep = """
        redis.call('ZADD', KEYS[4], ARGV[14], ARGV[2])
        redis.call('HSET', KEYS[5], ARGV[2], ARGV[15])
        redis.call('SADD', KEYS[6], ARGV[1] .. '/' .. ARGV[2])
        trim(KEYS[4], KEYS[5], {}, ARGV[16], ARGV[17])

        """;

    private const string Finish = """
        if ARGV[10] == '1' then redis.call('SET', KEYS[3], ARGV[11], 'PX', ARGV[12]) end
        if ARGV[8] == '1' then
          redis.call('HDEL', KEYS[1], ARGV[1])
          redis.call('PEXPIRE', KEYS[2], ARGV[9])
          return {'Ok', ''}
        end
        local record = table.concat({ARGV[2], ARGV[3], ARGV[4], ARGV[5], string.format('%d', version), last}, ' ')
        redis.call('HSET', KEYS[1], ARGV[1], record)
        return {'Ok', record}
        """;

    /// <summary>KEYS: open hash. ARGV: channel, node, nonce; call, home, epoch and nonce as they were seen. Gives the new record, or nothing if that is not so any more.</summary>
    public const string Claim = """
        local open = redis.call('HGET', KEYS[1], ARGV[1])
        if not open then return '' end
        local call, home, epoch, nonce, version, tag = string.match(open, '^(%S+) (%S+) (%d+) (%S+) (%d+) (%S+)$')
        if call ~= ARGV[4] or home ~= ARGV[5] or epoch ~= ARGV[6] or nonce ~= ARGV[7] then return '' end
        local record = table.concat({call, ARGV[2], string.format('%d', epoch + 1), ARGV[3], version, tag}, ' ')
        redis.call('HSET', KEYS[1], ARGV[1], record)
        return record
        """;

    /// <summary>KEYS: user hash. ARGV: the call expected, the next one; nothing stands for none. Gives 1 if it was swapped.</summary>
    public const string SwapCurrentCall = """
        if (redis.call('HGET', KEYS[1], 'call') or '') ~= ARGV[1] then return 0 end
        if ARGV[2] == '' then redis.call('HDEL', KEYS[1], 'call') else redis.call('HSET', KEYS[1], 'call', ARGV[2]) end
        return 1
        """;
}
