using Calls.Actors.Persistence;

namespace Calls.Host.Webhooks;

/// <summary>One message on its way to its receiver.</summary>
/// <param name="shard">The outbox's shard that it stands in.</param>
/// <param name="key">Its key there.</param>
/// <param name="message">The message.</param>
/// <param name="expiresAt">When it is given up.</param>
internal sealed class Delivery(int shard, string key, WebhookMessage message, TimeSpan expiresAt)
{
    public int Shard => shard;

    public string Key => key;

    public WebhookMessage Message => message;

    public TimeSpan ExpiresAt => expiresAt;

    /// <summary>The order in which they came.</summary>
    public long Number { get; set; }

    public int Failures { get; set; }

    public bool IsUnderWay { get; set; }
}
