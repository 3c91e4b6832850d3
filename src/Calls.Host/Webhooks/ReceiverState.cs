namespace Calls.Host.Webhooks;

/// <summary>One receiver and what is still to be sent there.</summary>
internal sealed class ReceiverState(WebhookReceiver receiver, DeliveryPlan plan)
{
    private readonly Dictionary<DropReason, Complaint> _drops = [];
    private readonly Complaint _failures = new();

    public WebhookReceiver Receiver => receiver;

    public DeliveryPlan Plan => plan;

    /// <summary>It has answered 410: until the next start it is sent nothing.</summary>
    public bool IsGone { get; set; }

    public void NoteDrop(DropReason reason, int count)
    {
        if (!_drops.TryGetValue(reason, out var complaint))
            _drops[reason] = complaint = new Complaint();
        complaint.Note(count, "");
    }

    public void NoteFailure(string words) => _failures.Note(1, words);

    /// <summary>Logs what was noted, no more often than can be read.</summary>
    public void Complain(TimeSpan now, ILogger log)
    {
        if (_failures.TryTake(now, out var failed, out var words))
            log.LogWarning(
                "Webhooks to {Receiver}: {Count} attempts failed, the last one with: {Reason}; {Waiting} messages wait",
                receiver.Shown,
                failed,
                words,
                plan.Count
            );
        foreach (var (reason, complaint) in _drops)
            if (complaint.TryTake(now, out var dropped, out _))
                log.LogError(
                    "Webhooks to {Receiver}: {Count} messages were dropped ({Reason})",
                    receiver.Shown,
                    dropped,
                    reason
                );
    }
}
