using Calls.Protocol;

namespace Calls.Actors.Persistence;

/// <summary>
/// The outbox: webhooks that wait to be delivered. They come into it in the same change as what they tell of
/// (<see cref="AppendRequest.Webhooks"/>) or by themselves, and leave it when they are removed. It is kept in shards, each
/// a list in the order of arrival, so that nodes can divide the sending among them.
/// </summary>
public interface IWebhookStore
{
    /// <summary>How many shards there are.</summary>
    int WebhookShards { get; }

    /// <summary>The shard of a channel's webhooks.</summary>
    int WebhookShardOf(ChannelId channel);

    /// <summary>Puts webhooks behind those that wait, all or none. The store does not look whether one waits there already.</summary>
    ValueTask PutWebhooks(ChannelId channel, IReadOnlyList<WebhookMessage> webhooks);

    /// <summary>What waits in a shard, the first first.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="after">Only what came after this key, which need not be there any more; null for all.</param>
    /// <param name="limit">At most so many.</param>
    ValueTask<IReadOnlyList<WaitingWebhook>> ListWebhooks(int shard, string? after, int limit);

    /// <summary>They need not be sent any more. No error if they are not there.</summary>
    ValueTask RemoveWebhooks(int shard, IReadOnlyCollection<string> keys);
}

/// <summary>One message to one receiver.</summary>
/// <param name="Receiver">The name of the receiver that it is for.</param>
/// <param name="Id">The same whenever the same is told again.</param>
/// <param name="Call">Whose messages the receiver gets in their order.</param>
/// <param name="At">When what it tells happened, in whole milliseconds.</param>
/// <param name="Body">What is sent.</param>
public sealed record WebhookMessage(string Receiver, string Id, CallId Call, DateTimeOffset At, byte[] Body);

/// <summary>A message in the outbox.</summary>
/// <param name="Key">Its place in its shard; a later one's is never an earlier one's again.</param>
/// <param name="Message">The message.</param>
public sealed record WaitingWebhook(string Key, WebhookMessage Message);
