using System.Globalization;
using Calls.Protocol;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>The outbox. One node sends all of it, so one shard is enough.</summary>
public sealed partial class EmbeddedStore
{
    public int WebhookShards => 1;

    public int WebhookShardOf(ChannelId channel) => 0;

    public async ValueTask PutWebhooks(ChannelId channel, IReadOnlyList<WebhookMessage> webhooks) =>
        await _writer.Do(t => (true, Put(t, webhooks)));

    public ValueTask<IReadOnlyList<WaitingWebhook>> ListWebhooks(int shard, string? after, int limit)
    {
        var number = after is null ? 0 : Number(after);
        return Look<IReadOnlyList<WaitingWebhook>>(t =>
            [.. t.Webhooks.After(number, limit).Select(w => new WaitingWebhook(Key(w.Number), w.Message))]
        );
    }

    public async ValueTask RemoveWebhooks(int shard, IReadOnlyCollection<string> keys)
    {
        var numbers = keys.Select(Number).Distinct().ToArray();
        await _writer.Do(t =>
        {
            long[] there = [.. numbers.Where(t.Webhooks.Holds)];
            return (true, there.Length == 0 ? null : new WebhooksRemoved(there));
        });
    }

    private static WebhooksPut? Put(Tables tables, IReadOnlyList<WebhookMessage> webhooks) =>
        webhooks.Count == 0 ? null : new WebhooksPut(tables.Webhooks.Next, webhooks);

    private static string Key(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string key) => long.Parse(key, NumberStyles.None, CultureInfo.InvariantCulture);
}
