using System.Globalization;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.TestKit;

/// <summary>The outbox, in two shards, so that what stands above is tried with several.</summary>
public sealed partial class InMemoryStore
{
    public int WebhookShards => 2;

    public int WebhookShardOf(ChannelId channel) => channel.Value.Sum(c => c) % WebhookShards;

    public async ValueTask PutWebhooks(ChannelId channel, IReadOnlyList<WebhookMessage> webhooks) =>
        await Do(nameof(PutWebhooks), () => Enqueue(channel, webhooks));

    public ValueTask<IReadOnlyList<WaitingWebhook>> ListWebhooks(int shard, string? after, int limit) =>
        Do<IReadOnlyList<WaitingWebhook>>(
            nameof(ListWebhooks),
            () =>
                [
                    .. _tables
                        .Webhooks.Where(w => w.Shard == shard && w.Number > Number(after))
                        .Take(limit)
                        .Select(w => new WaitingWebhook(w.Number.ToString(CultureInfo.InvariantCulture), w.Message)),
                ]
        );

    public async ValueTask RemoveWebhooks(int shard, IReadOnlyCollection<string> keys) =>
        await Do(
            nameof(RemoveWebhooks),
            () => _tables.Webhooks.RemoveAll(w => w.Shard == shard && keys.Select(Number).Contains(w.Number))
        );

    private int Enqueue(ChannelId channel, IReadOnlyList<WebhookMessage> webhooks)
    {
        foreach (var message in webhooks)
            _tables.Webhooks.Add((WebhookShardOf(channel), ++_tables.WebhookNumber, message));
        return webhooks.Count;
    }

    private static long Number(string? key) => key is null ? 0 : long.Parse(key, CultureInfo.InvariantCulture);
}
