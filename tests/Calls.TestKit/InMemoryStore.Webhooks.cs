using System.Globalization;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.TestKit;

/// <summary>The outbox, in two shards, so that what stands above is tried with several.</summary>
public sealed partial class InMemoryStore
{
    private readonly List<(int Shard, long Number, WebhookMessage Message)> _webhooks = [];
    private long _webhookNumber;

    public int WebhookShards => 2;

    public int WebhookShardOf(ChannelId channel) => channel.Value.Sum(c => c) % WebhookShards;

    public async ValueTask PutWebhooks(ChannelId channel, IReadOnlyList<WebhookMessage> webhooks) =>
        await Do(nameof(PutWebhooks), () => Enqueue(channel, webhooks));

    public ValueTask<IReadOnlyList<WaitingWebhook>> ListWebhooks(int shard, string? after, int limit) =>
        Do<IReadOnlyList<WaitingWebhook>>(
            nameof(ListWebhooks),
            () =>
                [
                    .. _webhooks
                        .Where(w => w.Shard == shard && w.Number > Number(after))
                        .Take(limit)
                        .Select(w => new WaitingWebhook(w.Number.ToString(CultureInfo.InvariantCulture), w.Message)),
                ]
        );

    public async ValueTask RemoveWebhooks(int shard, IReadOnlyCollection<string> keys) =>
        await Do(
            nameof(RemoveWebhooks),
            () => _webhooks.RemoveAll(w => w.Shard == shard && keys.Select(Number).Contains(w.Number))
        );

    private int Enqueue(ChannelId channel, IReadOnlyList<WebhookMessage> webhooks)
    {
        foreach (var message in webhooks)
            _webhooks.Add((WebhookShardOf(channel), ++_webhookNumber, message));
        return webhooks.Count;
    }

    private static long Number(string? key) => key is null ? 0 : long.Parse(key, CultureInfo.InvariantCulture);
}
