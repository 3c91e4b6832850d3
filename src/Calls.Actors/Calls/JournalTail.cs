using Calls.Actors.Persistence;

namespace Calls.Actors.Calls;

/// <summary>
/// What this home has appended to its call, to be said again to a store that has lost it: a Redis that failed over to a
/// replica without the last writes has a journal that is a strict prefix of the one its home knows.
/// </summary>
internal sealed class JournalTail
{
    /// <summary>Appends that are kept: a replica lags by a second or two, and the busiest call of 25 makes some dozens in that time.</summary>
    private const int MaxKept = 256;

    private readonly Queue<AppendRequest> _kept = [];

    /// <summary>The store has acknowledged it.</summary>
    public void Keep(AppendRequest request)
    {
        _kept.Enqueue(request);
        if (_kept.Count > MaxKept)
            _kept.Dequeue();
    }

    /// <summary>Nothing that is known here is missing there.</summary>
    public void Clear() => _kept.Clear();

    /// <summary>The tag of the last event that was appended from here; null if none was.</summary>
    public string? LastTag => _kept.LastOrDefault()?.Entries[^1].Tag;

    /// <summary>What a journal lacks; nothing if it is no prefix of the one that is known here, or all of it.</summary>
    /// <param name="journaled">What the store holds.</param>
    public IReadOnlyList<AppendRequest> After(IReadOnlyList<JournalEntry> journaled)
    {
        var (version, tag) = journaled.Count > 0 ? (journaled[^1].Version, journaled[^1].Tag) : (0L, null);
        return [.. _kept.SkipWhile(r => r.ExpectedVersion != version || r.PreviousTag != tag)];
    }
}
