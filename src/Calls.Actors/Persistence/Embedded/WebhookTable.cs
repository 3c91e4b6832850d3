namespace Calls.Actors.Persistence.Embedded;

/// <summary>What the log holds of the outbox, numbered in the order of arrival. Not synchronised.</summary>
internal sealed class WebhookTable
{
    /// <summary>Numbers ascend.</summary>
    private readonly List<(long Number, WebhookMessage Message)> _waiting = [];

    /// <summary>The number of the next to come. A number is never given twice, or a reader that is past it would overlook the second.</summary>
    public long Next { get; private set; } = 1;

    public IReadOnlyList<(long Number, WebhookMessage Message)> After(long number, int limit)
    {
        var start = PlaceOf(number + 1);
        return _waiting.GetRange(start, Math.Clamp(limit, 0, _waiting.Count - start));
    }

    public bool Holds(long number) => PlaceOf(number) is var place && IsAt(place, number);

    public void Put(WebhooksPut put)
    {
        Next = Math.Max(Next, put.First + put.Webhooks.Count);
        for (var i = 0; i < put.Webhooks.Count; i++)
            _waiting.Add((put.First + i, put.Webhooks[i]));
    }

    public void Remove(WebhooksRemoved removed)
    {
        foreach (var number in removed.Numbers)
            if (PlaceOf(number) is var place && IsAt(place, number))
                _waiting.RemoveAt(place);
    }

    /// <summary>Everything, as changes that lead from nothing to here.</summary>
    public IEnumerable<Change> Capture()
    {
        foreach (var (number, message) in _waiting)
            yield return new WebhooksPut(number, [message]);
        if (Next > 1)
            yield return new WebhooksPut(Next, []);
    }

    private bool IsAt(int place, long number) => place < _waiting.Count && _waiting[place].Number == number;

    /// <summary>The first place whose number is at least this.</summary>
    private int PlaceOf(long number)
    {
        var (low, high) = (0, _waiting.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_waiting[middle].Number < number)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
