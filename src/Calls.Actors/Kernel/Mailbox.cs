using System.Diagnostics;

namespace Calls.Actors.Kernel;

/// <summary>A message on its way, with the asker that waits for it.</summary>
internal sealed class Envelope(object message, Reply? reply = null, bool exempt = false, Activity? cause = null)
{
    public object Message { get; } = message;

    public Reply? Reply { get; } = reply;

    /// <summary>Never rejected: timers and the like, of which there is one at a time.</summary>
    public bool Exempt { get; } = exempt;

    /// <summary>What its sender was at: the parent of the span in which it is received. Null outside of any trace.</summary>
    public Activity? Cause { get; } = cause;

    /// <summary>How often an actor crashed on it.</summary>
    public int Crashes { get; set; }

    /// <summary>Stashed or forwarded: somebody else owes the answer.</summary>
    public bool HandedOver { get; set; }
}

/// <summary>What the kernel tells a cell; comes before messages, and also while the actor waits to be restarted.</summary>
internal abstract record Signal
{
    public sealed record Start : Signal;

    public sealed record Stop : Signal;

    public sealed record BackoffOver : Signal;

    public sealed record ChildStopped(ActorCell Child) : Signal;

    public sealed record ChildFailed(ActorCell Child, Exception Reason) : Signal;

    public sealed record Watch(ActorCell Watcher) : Signal;

    public sealed record Unwatch(ActorCell Watcher) : Signal;
}

internal enum Posted
{
    Queued,

    /// <summary>Queued, and the caller must schedule the cell: nobody else has.</summary>
    Wake,
    Full,
    Closed,
}

/// <summary>A cell's queues: signals without a bound, messages with one. Rejects what is too much, rather than dropping what came earlier.</summary>
internal sealed class Mailbox(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<Signal> _signals = new();
    private readonly LinkedList<Envelope> _messages = new();
    private bool _scheduled;
    private bool _paused = true;
    private bool _closed;
    private bool _dead;

    /// <summary>Messages that wait.</summary>
    public int Depth
    {
        get
        {
            lock (_lock)
                return _messages.Count;
        }
    }

    /// <summary>While paused only signals are taken. Set by the cell's own run, which looks again afterwards.</summary>
    public void Pause(bool paused)
    {
        lock (_lock)
            _paused = paused;
    }

    public Posted Post(Envelope envelope)
    {
        lock (_lock)
        {
            if (_closed)
                return Posted.Closed;
            if (_messages.Count >= capacity && !envelope.Exempt)
                return Posted.Full;
            _messages.AddLast(envelope);
            return Wake();
        }
    }

    public Posted Post(Signal signal)
    {
        lock (_lock)
        {
            if (_dead)
                return Posted.Closed;
            _signals.Enqueue(signal);
            return Wake();
        }
    }

    /// <summary>Puts messages back to where they are taken from, in their order.</summary>
    public void PutBack(IReadOnlyList<Envelope> envelopes)
    {
        lock (_lock)
            for (var i = envelopes.Count - 1; i >= 0; i--)
                _messages.AddFirst(envelopes[i]);
    }

    /// <summary>The next signal or message; false ends the cell's run.</summary>
    public bool TryTake(out Signal? signal, out Envelope? envelope)
    {
        lock (_lock)
        {
            envelope = null;
            if (_signals.TryDequeue(out signal))
                return true;
            if (!_paused && _messages.First is { } first)
            {
                envelope = first.Value;
                _messages.RemoveFirst();
                return true;
            }
            _scheduled = false;
            return false;
        }
    }

    /// <summary>Takes no more messages, and gives those that still waited.</summary>
    public List<Envelope> Close()
    {
        lock (_lock)
        {
            _closed = true;
            List<Envelope> rest = [.. _messages];
            _messages.Clear();
            return rest;
        }
    }

    /// <summary>Takes no more signals either, and gives those that still waited.</summary>
    public List<Signal> Die()
    {
        lock (_lock)
        {
            _dead = true;
            List<Signal> rest = [.. _signals];
            _signals.Clear();
            return rest;
        }
    }

    private Posted Wake()
    {
        if (_scheduled || (_signals.Count == 0 && (_paused || _messages.Count == 0)))
            return Posted.Queued;
        _scheduled = true;
        return Posted.Wake;
    }
}
