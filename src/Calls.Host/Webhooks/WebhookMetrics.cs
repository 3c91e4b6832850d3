using System.Diagnostics.Metrics;

namespace Calls.Host.Webhooks;

/// <summary>Why a message was given up.</summary>
internal enum DropReason
{
    /// <summary>More waited than <c>calls.webhooks_backlog</c>, and it was the oldest.</summary>
    Backlog,

    /// <summary>It was tried for a day.</summary>
    Expired,

    /// <summary>The receiver answered 410.</summary>
    Gone,

    /// <summary>Its URL is not configured any more.</summary>
    Removed,
}

/// <summary>What operators watch.</summary>
internal sealed class WebhookMetrics : IDisposable
{
    public const string MeterName = "Calls.Webhooks";

    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _dropped;

    /// <param name="waiting">How many wait for each receiver; asked from any thread.</param>
    public WebhookMetrics(Func<IEnumerable<(string Receiver, int Count)>> waiting)
    {
        _delivered = Meter.CreateCounter<long>(
            "calls.webhook.message.delivered",
            "{message}",
            "Messages that receivers took."
        );
        _failed = Meter.CreateCounter<long>("calls.webhook.attempt.failed", "{attempt}", "Attempts that failed.");
        _dropped = Meter.CreateCounter<long>(
            "calls.webhook.message.dropped",
            "{message}",
            "Messages that were given up."
        );
        Meter.CreateObservableUpDownCounter(
            "calls.webhook.message.count",
            () => waiting().Select(w => new Measurement<long>(w.Count, Receiver(w.Receiver))),
            "{message}",
            "Messages that have not arrived yet."
        );
    }

    public Meter Meter { get; } = new(MeterName);

    public void Delivered(string receiver) => _delivered.Add(1, Receiver(receiver));

    public void Failed(string receiver) => _failed.Add(1, Receiver(receiver));

    public void Dropped(string receiver, DropReason reason, int count) =>
        _dropped.Add(count, Receiver(receiver), new("calls.webhook.drop_reason", reason.ToString().ToLowerInvariant()));

    public void Dispose() => Meter.Dispose();

    private static KeyValuePair<string, object?> Receiver(string receiver) => new("calls.webhook.receiver", receiver);
}
