using Calls.Protocol;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// Calls that are over, by whose history they stand in. Of each owner the newest <paramref name="most"/>, each for
/// <paramref name="retention"/> from its start: rules of what is held, not facts of the log, so that a change of the
/// settings holds for what is stored already. Not synchronised.
/// </summary>
internal sealed class Histories<TOwner, TEntry>(
    Func<TEntry, CallId> call,
    Func<TEntry, DateTimeOffset> startedAt,
    int most,
    TimeSpan retention
)
    where TOwner : notnull
    where TEntry : class
{
    private readonly Dictionary<TOwner, History> _histories = [];

    /// <summary>When a history's oldest call is to go: one valid entry an owner, however long the history.</summary>
    private readonly PriorityQueue<TOwner, DateTimeOffset> _due = new();

    /// <summary>All of them, the oldest of an owner first.</summary>
    public IEnumerable<(TOwner Owner, IReadOnlyList<TEntry> Entries)> All =>
        _histories.Select(h => (h.Key, (IReadOnlyList<TEntry>)h.Value.Entries));

    /// <summary>Puts a call where it belongs, instead of one with the same id.</summary>
    public void Put(TOwner owner, TEntry entry)
    {
        if (!_histories.TryGetValue(owner, out var history))
            _histories[owner] = history = new History();
        var entries = history.Entries;
        var place = PlaceOf(entries, entry);
        if (IsAt(place, entries, entry))
        {
            entries[place] = entry;
            return;
        }
        if (entries.FindIndex(e => call(e) == call(entry)) is >= 0 and var former)
        {
            entries.RemoveAt(former);
            place = PlaceOf(entries, entry);
        }
        entries.Insert(place, entry);
        if (entries.Count > most)
            entries.RemoveRange(0, entries.Count - most);
        Schedule(owner, history);
    }

    /// <summary>Whether just this stands there.</summary>
    public bool Holds(TOwner owner, TEntry entry)
    {
        if (!_histories.TryGetValue(owner, out var history))
            return false;
        var place = PlaceOf(history.Entries, entry);
        return IsAt(place, history.Entries, entry) && history.Entries[place].Equals(entry);
    }

    public TEntry? Find(TOwner owner, CallId id, DateTimeOffset now) =>
        _histories.TryGetValue(owner, out var history)
        && history.Entries.Find(e => call(e) == id) is { } entry
        && IsKept(entry, now)
            ? entry
            : null;

    /// <summary>Newest first, those that <paramref name="filter"/> lets through.</summary>
    public IEnumerable<TEntry> NewestFirst(TOwner owner, DateTimeOffset now, Func<TEntry, bool> filter) =>
        From(owner, null, now).Where(filter);

    /// <summary>At most <paramref name="limit"/> of them, newest first, behind <paramref name="before"/>.</summary>
    public IReadOnlyList<TEntry> Page(
        TOwner owner,
        CallId? before,
        int limit,
        DateTimeOffset now,
        Func<TEntry, bool> filter
    ) => [.. From(owner, before, now).Where(filter).Take(limit)];

    /// <summary>Lets go of what is over.</summary>
    public void Expire(DateTimeOffset now)
    {
        while (_due.TryPeek(out var owner, out var due) && due <= now)
        {
            _due.Dequeue();
            if (!_histories.TryGetValue(owner, out var history) || history.Due != due)
                continue; // an older call came in since, and stands in the queue itself
            history.Due = null;
            history.Entries.RemoveRange(0, history.Entries.TakeWhile(e => !IsKept(e, now)).Count());
            if (history.Entries.Count == 0)
                _histories.Remove(owner);
            else
                Schedule(owner, history);
        }
    }

    private void Schedule(TOwner owner, History history)
    {
        var due = startedAt(history.Entries[0]) + retention;
        if (history.Due <= due)
            return; // looked at in time, and then again
        history.Due = due;
        _due.Enqueue(owner, due);
    }

    private IEnumerable<TEntry> From(TOwner owner, CallId? before, DateTimeOffset now)
    {
        if (!_histories.TryGetValue(owner, out var history))
            yield break;
        var entries = history.Entries;
        var start = before is null ? entries.Count : entries.FindIndex(e => call(e) == before);
        for (var i = start - 1; i >= 0 && IsKept(entries[i], now); i--)
            yield return entries[i];
    }

    private bool IsKept(TEntry entry, DateTimeOffset now) => startedAt(entry) + retention > now;

    /// <summary>Where the entry is or would be. Calls come in order but for a few, so the end is looked at first.</summary>
    private int PlaceOf(List<TEntry> entries, TEntry entry)
    {
        if (entries.Count == 0 || Compare(entries[^1], entry) < 0)
            return entries.Count;
        var (low, high) = (0, entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Compare(entries[middle], entry) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private bool IsAt(int place, List<TEntry> entries, TEntry entry) =>
        place < entries.Count && Compare(entries[place], entry) == 0;

    private int Compare(TEntry a, TEntry b)
    {
        var byStart = startedAt(a).CompareTo(startedAt(b));
        return byStart != 0 ? byStart : string.CompareOrdinal(call(a).Value, call(b).Value);
    }

    private sealed class History
    {
        /// <summary>The oldest first.</summary>
        public List<TEntry> Entries { get; } = [];

        /// <summary>When it is looked at next.</summary>
        public DateTimeOffset? Due { get; set; }
    }
}
