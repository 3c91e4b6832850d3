namespace Calls.Caller.Signalling;

/// <summary>What was heard and not asked for yet. Each event is given out once.</summary>
internal sealed class EventInbox(int capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<SignalledEvent> _events = [];

    public void Add(SignalledEvent said)
    {
        lock (_lock)
        {
            _events.AddLast(said);
            if (_events.Count > capacity)
            {
                _events.RemoveFirst();
            }
        }
    }

    public SignalledEvent? Take(string type, Func<SignalledEvent, bool>? where)
    {
        lock (_lock)
        {
            for (var node = _events.First; node is not null; node = node.Next)
            {
                if (node.Value.Type == type && (where is null || where(node.Value)))
                {
                    _events.Remove(node);
                    return node.Value;
                }
            }

            return null;
        }
    }

    public IReadOnlyList<SignalledEvent> Snapshot()
    {
        lock (_lock)
        {
            return [.. _events];
        }
    }
}
