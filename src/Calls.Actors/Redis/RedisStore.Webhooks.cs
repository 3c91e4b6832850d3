using Calls.Actors.Persistence;
using Calls.Protocol;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>The outbox.</summary>
public sealed partial class RedisStore
{
    public int WebhookShards => RedisKeys.ChannelShards;

    public int WebhookShardOf(ChannelId channel) => RedisKeys.ShardOf(channel);

    public async ValueTask PutWebhooks(ChannelId channel, IReadOnlyList<WebhookMessage> webhooks)
    {
        if (webhooks.Count > 0)
            await _redis.Evaluate(
                RedisScripts.PutWebhooks,
                [RedisKeys.Outbox(channel)],
                [.. webhooks.SelectMany(Fields)]
            );
    }

    public async ValueTask<IReadOnlyList<WaitingWebhook>> ListWebhooks(int shard, string? after, int limit)
    {
        if (limit < 1)
            return [];
        var found = await _redis.Execute(
            "XRANGE",
            RedisKeys.Outbox(shard),
            after is null ? "-" : $"({after}",
            "+",
            "COUNT",
            limit
        );
        return [.. ((RedisResult[])found).Select(Waiting)];
    }

    public async ValueTask RemoveWebhooks(int shard, IReadOnlyCollection<string> keys)
    {
        if (keys.Count > 0)
            await _redis.Execute("XDEL", [RedisKeys.Outbox(shard), .. keys]);
    }

    private static RedisValue[] Fields(WebhookMessage webhook) =>
        [webhook.Receiver, webhook.Id, webhook.Call.Value, webhook.At.ToUnixTimeMilliseconds(), webhook.Body];

    /// <summary>An entry as XRANGE gives it: <c>[KEY, [to, RECEIVER, id, ID, call, CALL, at, TIME, body, BODY]]</c>.</summary>
    private static WaitingWebhook Waiting(RedisResult entry)
    {
        var parts = (RedisResult[])entry;
        var fields = (RedisResult[])parts[1];
        return new WaitingWebhook(
            (string)parts[0],
            new WebhookMessage(
                (string)fields[1],
                (string)fields[3],
                new CallId((string)fields[5]),
                DateTimeOffset.FromUnixTimeMilliseconds((long)fields[7]),
                (byte[])fields[9]
            )
        );
    }
}
