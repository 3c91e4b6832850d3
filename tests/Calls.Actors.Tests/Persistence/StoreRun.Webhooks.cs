using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>The outbox of webhooks.</summary>
internal sealed partial class StoreRun
{
    private async Task<string> AnswerOfOutbox(ICallStore store, int kind, byte a, byte b)
    {
        var channel = new ChannelId($"{prefix}-c{a % 3}");
        var shard = store.WebhookShardOf(channel);
        var waiting = await Waiting(store, channel, null);
        if (kind == 26)
            await store.PutWebhooks(
                channel,
                [.. Enumerable.Range(0, b % 3).Select(i => Webhook(new CallId($"{channel}-call-{i}"), b))]
            );
        else
            await store.RemoveWebhooks(shard, [.. waiting.Where((_, i) => i % (1 + (b % 3)) == 0).Select(w => w.Key)]);
        var after = waiting.Count == 0 ? null : waiting[a % waiting.Count].Key;
        return $"{Text(await Waiting(store, channel, null))} after [{Text(await Waiting(store, channel, after))}]";
    }

    /// <summary>Only this channel's: which others are in its shard depends on the store.</summary>
    private static async Task<IReadOnlyList<WaitingWebhook>> Waiting(
        ICallStore store,
        ChannelId channel,
        string? after
    ) =>
        [
            .. (await store.ListWebhooks(store.WebhookShardOf(channel), after, 100_000)).Where(w =>
                w.Message.Call.Value.StartsWith($"{channel}-", StringComparison.Ordinal)
            ),
        ];

    private WebhookMessage Webhook(CallId call, byte which) =>
        new($"r{which % 2}", $"msg-{which % 5}", call, StartedAt(which), [which]);

    private string Text(IEnumerable<WaitingWebhook> waiting) =>
        string.Join(
            "; ",
            waiting.Select(w =>
                $"{w.Message.Receiver} {w.Message.Id} {w.Message.Call} {Text(w.Message.At)} {Convert.ToHexString(w.Message.Body)}"
            )
        );
}
