using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>The chat app's backends, as far as the actors know them: who wants to be told, and whom to wake when something waits for them in the outbox.</summary>
public interface IWebhookReceivers
{
    /// <summary>The name of each; nobody: nothing is written.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Something was put into the outbox for this channel. Does not block, and may be lost: the outbox is looked through from time to time as well.</summary>
    void Wake(ChannelId channel);
}

/// <summary>Nobody wants to be told.</summary>
public sealed class NoWebhookReceivers : IWebhookReceivers
{
    public static readonly NoWebhookReceivers Instance = new();

    public IReadOnlyCollection<string> Names => [];

    public void Wake(ChannelId channel) { }
}
