using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Calls.Actors.Calls;
using Calls.Actors.Persistence;
using Calls.Host.Settings;
using Calls.Protocol;
using Channels = System.Threading.Channels;

namespace Calls.Host.Webhooks;

/// <summary>
/// Delivers what stands in the outbox: one loop that reads it, starts what is due, and removes what has arrived. A
/// message leaves the outbox only when its receiver has answered 2xx, so a crash at any point tells it again.
/// </summary>
internal sealed class WebhookSender : IWebhookReceivers, IAsyncDisposable
{
    /// <summary>How soon it goes on after the store did not answer.</summary>
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ReceiverState> _receivers;
    private readonly OutboxReader _outbox;
    private readonly WebhookPoster _poster;
    private readonly WebhookMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _started;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<(ReceiverState To, Delivery Delivery, Attempt Attempt)> _results = new();
    private readonly Channels.Channel<bool> _bell = Channels.Channel.CreateBounded<bool>(
        new Channels.BoundedChannelOptions(1) { FullMode = Channels.BoundedChannelFullMode.DropWrite }
    );
    private readonly ITimer _alarm;
    private readonly Complaint _strangers = new();
    private readonly IWebhookShare? _share;
    private readonly Func<ChannelId, int> _shardOf;
    private readonly List<Task> _sending = [];
    private volatile IReadOnlyCollection<string> _names;
    private Task _run = Task.CompletedTask;
    private TimeSpan _storeAt;
    private bool _storeFails;

    public WebhookSender(
        IReadOnlyList<Webhook> webhooks,
        int backlog,
        IWebhookStore store,
        HttpMessageHandler handler,
        TimeProvider time,
        Random random,
        ILogger log,
        IWebhookShare? share = null
    )
    {
        (_time, _log, _started) = (time, log, time.GetTimestamp());
        _share = share;
        _shardOf = store.WebhookShardOf;
        _receivers = webhooks
            .Select(w => new ReceiverState(new WebhookReceiver(w), new DeliveryPlan(backlog, random)))
            .ToDictionary(r => r.Receiver.Name);
        _names = [.. _receivers.Keys];
        _alarm = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _outbox = new OutboxReader(store, shard => share?.IsMine(shard) ?? true);
        _poster = new WebhookPoster(handler, time);
        _metrics = new WebhookMetrics(() => _receivers.Values.Select(r => (r.Receiver.Shown, r.Plan.Count)));
    }

    public IReadOnlyCollection<string> Names => _names;

    public Meter Meter => _metrics.Meter;

    public void Wake(ChannelId channel)
    {
        if (_share?.IsMine(_shardOf(channel)) == false)
            _share.Wake(_shardOf(channel), channel);
        _outbox.Call(channel);
        Ring();
    }

    /// <summary>Begins with what is left from before.</summary>
    public void Start() => _run = Task.Run(Run);

    /// <summary>Delivers until it is disposed of; without receivers, until what was left for former ones is gone.</summary>
    public async Task Run()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                TakeResults();
                foreach (var state in _receivers.Values)
                    Send(state);
                if (Now() >= _storeAt && await KeepStep() && _receivers.Count == 0)
                    return;
                await WaitForSomething();
            }
            catch (Exception e) // a bug: it must not end the sending until the next start
            {
                _log.LogError(e, "Webhooks: sending failed in an unforeseen way, and goes on");
                _outbox.Doubt();
                await Task.Delay(StoreRetry, _time);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Ring();
        await _run;
        await Task.WhenAll(_sending);
        TakeResults();
        await KeepStep();
        await _alarm.DisposeAsync();
        _poster.Dispose();
        _metrics.Dispose();
        _stopping.Dispose();
    }

    private TimeSpan Now() => _time.GetElapsedTime(_started);

    private void Ring() => _bell.Writer.TryWrite(true);

    private void Send(ReceiverState state)
    {
        var now = Now();
        GiveUp(state, DropReason.Expired, state.Plan.Expire(now));
        foreach (var delivery in state.Plan.Start(now))
            _sending.Add(Send(state, delivery));
        state.Complain(now, _log);
    }

    private async Task Send(ReceiverState state, Delivery delivery)
    {
        Attempt attempt;
        try
        {
            attempt = await _poster.Post(state.Receiver, delivery.Message, _stopping.Token);
        }
        catch (Exception e) // a bug: the message's place must come back all the same
        {
            _log.LogError(e, "Webhooks to {Receiver}: an attempt failed in an unforeseen way", state.Receiver.Shown);
            attempt = new Attempt(AttemptOutcome.Failed, e.GetType().Name);
        }
        _results.Enqueue((state, delivery, attempt));
        Ring();
    }

    private void TakeResults()
    {
        _sending.RemoveAll(sending => sending.IsCompleted);
        while (_results.TryDequeue(out var result))
        {
            var (state, delivery, attempt) = result;
            if (state.IsGone)
                continue; // it left the outbox with all the others
            switch (attempt.Outcome)
            {
                case AttemptOutcome.Delivered:
                    state.Plan.Arrived(delivery, Now());
                    _outbox.Done(delivery.Shard, delivery.Key);
                    _metrics.Delivered(state.Receiver.Shown);
                    break;
                case AttemptOutcome.Failed:
                    state.Plan.Failed(delivery, Now());
                    state.NoteFailure(attempt.Words);
                    _metrics.Failed(state.Receiver.Shown);
                    break;
                case AttemptOutcome.Gone:
                    LetGo(state);
                    break;
            }
        }
    }

    /// <summary>The receiver has said that it wants nothing any more (410): nothing is written for it from here on.</summary>
    private void LetGo(ReceiverState state)
    {
        state.IsGone = true;
        _names = [.. _receivers.Values.Where(r => !r.IsGone).Select(r => r.Receiver.Name)];
        _log.LogError(
            "Webhooks to {Receiver}: it has answered 410 (Gone) and is sent nothing until the next start",
            state.Receiver.Shown
        );
        GiveUp(state, DropReason.Gone, state.Plan.Clear());
    }

    private void GiveUp(ReceiverState state, DropReason reason, IReadOnlyList<Delivery> dropped)
    {
        if (dropped.Count == 0)
            return;
        foreach (var delivery in dropped)
            _outbox.Done(delivery.Shard, delivery.Key);
        state.NoteDrop(reason, dropped.Count);
        _metrics.Dropped(state.Receiver.Shown, reason, dropped.Count);
    }

    /// <summary>Removes from the outbox what is done, and takes what has come; false if the store does not answer.</summary>
    private async Task<bool> KeepStep()
    {
        try
        {
            await _outbox.Remove();
            await _outbox.Read(Now(), Take, DropExcess);
            if (_strangers.TryTake(Now(), out var count, out _))
                _log.LogWarning(
                    "Webhooks: {Count} messages to URLs that are not configured any more were dropped",
                    count
                );
            if (_storeFails)
                _log.LogInformation("Webhooks: the store answers again");
            _storeFails = false;
            return true;
        }
        catch (StoreUnavailableException e)
        {
            if (!_storeFails)
                _log.LogWarning("Webhooks: the store does not answer: {Reason}", e.Message);
            _storeFails = true;
            _storeAt = Now() + StoreRetry;
            _outbox.Doubt();
            return false;
        }
    }

    /// <summary>Plans a message from the outbox; false if it need not stay there.</summary>
    private bool Take(int shard, WaitingWebhook waiting)
    {
        var message = waiting.Message;
        if (!_receivers.TryGetValue(message.Receiver, out var state))
        {
            _strangers.Note(1, message.Receiver);
            _metrics.Dropped(message.Receiver, DropReason.Removed, 1);
            return false;
        }
        if (state.IsGone)
        {
            // Written before the actors knew.
            state.NoteDrop(DropReason.Gone, 1);
            _metrics.Dropped(state.Receiver.Shown, DropReason.Gone, 1);
            return false;
        }
        var left = message.At + RetryPauses.InAll - _time.GetUtcNow();
        var expiresAt = Now() + (left < RetryPauses.InAll ? left : RetryPauses.InAll);
        return state.Plan.Add(new Delivery(shard, waiting.Key, message, expiresAt));
    }

    private Task DropExcess()
    {
        foreach (var state in _receivers.Values)
            GiveUp(state, DropReason.Backlog, state.Plan.DropExcess());
        return _outbox.Remove();
    }

    private async Task WaitForSomething()
    {
        var next = _storeFails ? _storeAt : _outbox.LookAt;
        foreach (var state in _receivers.Values)
            if (state.Plan.NextMoment() is { } moment && moment < next)
                next = moment;
        var wait = next - Now();
        if (wait > TimeSpan.Zero)
        {
            _alarm.Change(wait, Timeout.InfiniteTimeSpan);
            await _bell.Reader.WaitToReadAsync();
        }
        _bell.Reader.TryRead(out _);
    }
}
