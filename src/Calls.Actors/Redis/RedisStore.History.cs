using Calls.Actors.Persistence;
using Calls.Protocol;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>What is over.</summary>
public sealed partial class RedisStore
{
    public async ValueTask<IReadOnlyList<HistoryEntry>> ListHistory(ChannelId channel, CallId? before, int limit)
    {
        var found = await _redis.Evaluate(
            RedisScripts.ListHistory,
            HistoryKeys(channel),
            [before?.Value ?? "", limit, Milliseconds(_options.HistoryRetention)]
        );
        return
        [
            .. ((RedisResult[])found)
                .Chunk(3)
                .Select(call => new HistoryEntry(new CallId((string)call[0]), StartedAt(call[1]), (byte[])call[2])),
        ];
    }

    public async ValueTask<HistoryEntry?> FindHistory(ChannelId channel, CallId call)
    {
        var found = await _redis.Evaluate(
            RedisScripts.FindHistory,
            HistoryKeys(channel),
            [call.Value, Milliseconds(_options.HistoryRetention)]
        );
        return (RedisResult[])found is [var startedAt, var payload]
            ? new HistoryEntry(call, StartedAt(startedAt), (byte[])payload)
            : null;
    }

    public async ValueTask<IReadOnlyList<UnsettledCall>> ListUnsettled()
    {
        var shards = await Task.WhenAll(RedisKeys.AllUnsettled().Select(key => _redis.Execute("SMEMBERS", key)));
        return
        [
            .. shards
                .SelectMany(shard => (string[])shard)
                .Select(member => member.Split('/'))
                .Select(ids => new UnsettledCall(new ChannelId(ids[0]), new CallId(ids[1]))),
        ];
    }

    public async ValueTask Settle(ChannelId channel, CallId call) =>
        await _redis.Execute("SREM", RedisKeys.Unsettled(channel), $"{channel}/{call}");

    private static RedisKey[] HistoryKeys(ChannelId channel) =>
        [RedisKeys.History(channel), RedisKeys.HistoryPayloads(channel)];

    private static DateTimeOffset StartedAt(RedisResult score) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)(double)score);

    /// <summary>Adds what <see cref="RedisScripts.AppendLast"/> wants more than <see cref="RedisScripts.Append"/>.</summary>
    private void Keep(ChannelId channel, HistoryEntry history, List<RedisKey> keys, List<RedisValue> arguments)
    {
        if (keys.Count < 3)
            keys.Add(keys[0]); // in the place of the outcome's key
        keys.AddRange([.. HistoryKeys(channel), RedisKeys.Unsettled(channel)]);
        arguments.AddRange([
            history.StartedAt.ToUnixTimeMilliseconds(),
            history.Payload,
            Milliseconds(_options.HistoryRetention),
            _options.HistoryPerChannel,
        ]);
    }
}
