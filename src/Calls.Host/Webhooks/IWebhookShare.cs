using Calls.Protocol;

namespace Calls.Host.Webhooks;

/// <summary>How nodes divide the sending among them: the outbox has shards, and each is one living node's. While that changes two may send the same, as a receiver must expect.</summary>
internal interface IWebhookShare
{
    /// <summary>Whether a shard is this node's now.</summary>
    bool IsMine(int shard);

    /// <summary>Tells the shard's node that something came for a channel.</summary>
    void Wake(int shard, ChannelId channel);
}
