using Calls.Protocol;

namespace Calls.Host.Webhooks;

/// <summary>
/// What one receiver is still to be told, and when what is sent. The messages of a call form a lane: one is under way at
/// a time, and the next begins when it has arrived, so a lane that fails holds up nobody else's. Without clock and I/O:
/// times are those of a clock that only goes forward, and sending is for whoever asks.
/// </summary>
internal sealed class DeliveryPlan(int backlog, Random random)
{
    /// <summary>Most requests under way at one receiver: with 50 ms for each it takes 320 a second.</summary>
    public const int MostAtOnce = 16;

    /// <summary>So many failures without a success between them are the receiver's, not a message's.</summary>
    private const int OutageAfter = 3;

    private readonly Dictionary<CallId, Lane> _lanes = [];
    private readonly HashSet<string> _ids = [];

    /// <summary>All of them, the oldest first.</summary>
    private readonly SortedSet<Delivery> _byAge = new(
        Comparer<Delivery>.Create((a, b) => (a.ExpiresAt, a.Number).CompareTo((b.ExpiresAt, b.Number)))
    );

    /// <summary>The lanes with nothing under way, the first due first.</summary>
    private readonly SortedSet<Lane> _waiting = new(
        Comparer<Lane>.Create((a, b) => (a.DueAt, a.Number).CompareTo((b.DueAt, b.Number)))
    );

    private int _underWay;
    private int _failuresInARow;
    private long _number;

    /// <summary>How many are still to arrive, those under way too.</summary>
    public int Count => _byAge.Count;

    /// <summary>Puts a message behind those of its call; false if the same waits already.</summary>
    public bool Add(Delivery delivery)
    {
        if (!_ids.Add(delivery.Message.Id))
            return false;
        delivery.Number = ++_number;
        _byAge.Add(delivery);
        if (_lanes.TryGetValue(delivery.Message.Call, out var lane))
        {
            lane.Deliveries.AddLast(delivery);
            return true;
        }
        lane = new Lane { Number = _number };
        lane.Deliveries.AddLast(delivery);
        _lanes[delivery.Message.Call] = lane;
        _waiting.Add(lane);
        return true;
    }

    /// <summary>Takes out what is too old to be sent any more.</summary>
    public IReadOnlyList<Delivery> Expire(TimeSpan now) => Drop(oldest => oldest.ExpiresAt <= now);

    /// <summary>Takes out the oldest as long as there are more than the bound.</summary>
    public IReadOnlyList<Delivery> DropExcess() => Drop(_ => Count > backlog);

    /// <summary>Takes out everything.</summary>
    public IReadOnlyList<Delivery> Clear()
    {
        var all = _byAge.ToArray();
        _byAge.Clear();
        _ids.Clear();
        _lanes.Clear();
        _waiting.Clear();
        return all;
    }

    /// <summary>What is to be sent now; each is under way until <see cref="Arrived"/> or <see cref="Failed"/>.</summary>
    public IReadOnlyList<Delivery> Start(TimeSpan now)
    {
        List<Delivery> started = [];
        while (_underWay < MostAtOnce && _waiting.Min is { } lane && lane.DueAt <= now)
        {
            _waiting.Remove(lane);
            var delivery = lane.Deliveries.First!.Value;
            delivery.IsUnderWay = true;
            _underWay++;
            started.Add(delivery);
        }
        return started;
    }

    /// <summary>The receiver has it. After an outage everything that waits is tried at once: the receiver is back.</summary>
    public void Arrived(Delivery delivery, TimeSpan now)
    {
        var lane = Return(delivery, now);
        Remove(delivery, lane);
        if (_failuresInARow >= OutageAfter)
            MakeAllDue(now);
        _failuresInARow = 0;
    }

    /// <summary>It is tried again after a pause.</summary>
    public void Failed(Delivery delivery, TimeSpan now)
    {
        _failuresInARow++;
        delivery.Failures++;
        Return(delivery, now + RetryPauses.After(delivery.Failures, random));
    }

    /// <summary>When there is something to start or to expire next; null if only an answer can change that.</summary>
    public TimeSpan? NextMoment()
    {
        var next = _byAge.FirstOrDefault(d => !d.IsUnderWay)?.ExpiresAt;
        if (_underWay < MostAtOnce && _waiting.Min is { } lane && !(next <= lane.DueAt))
            next = lane.DueAt;
        return next;
    }

    private List<Delivery> Drop(Func<Delivery, bool> condition)
    {
        List<Delivery> dropped = [];
        while (_byAge.FirstOrDefault(d => !d.IsUnderWay) is { } oldest && condition(oldest))
        {
            Remove(oldest, _lanes[oldest.Message.Call]);
            dropped.Add(oldest);
        }
        return dropped;
    }

    private Lane Return(Delivery delivery, TimeSpan dueAt)
    {
        delivery.IsUnderWay = false;
        _underWay--;
        var lane = _lanes[delivery.Message.Call];
        lane.DueAt = dueAt;
        _waiting.Add(lane);
        return lane;
    }

    private void Remove(Delivery delivery, Lane lane)
    {
        _byAge.Remove(delivery);
        _ids.Remove(delivery.Message.Id);
        lane.Deliveries.Remove(delivery);
        if (lane.Deliveries.Count > 0)
            return;
        _waiting.Remove(lane);
        _lanes.Remove(delivery.Message.Call);
    }

    private void MakeAllDue(TimeSpan now)
    {
        foreach (var lane in _waiting.Where(lane => lane.DueAt > now).ToArray())
        {
            _waiting.Remove(lane);
            lane.DueAt = now;
            _waiting.Add(lane);
        }
    }

    /// <summary>A call's messages.</summary>
    private sealed class Lane
    {
        public LinkedList<Delivery> Deliveries { get; } = [];

        public required long Number { get; init; }

        public TimeSpan DueAt { get; set; }
    }
}
