namespace Calls.Actors.Cluster;

/// <summary>
/// Who lives, by what one node reads of the others' heartbeats. A node is dead when its counter stood still for the death
/// time, and that only counts while this node itself has read it: whoever could not read for a while starts the clocks
/// anew, so that a store that was away makes nobody dead. Time is an argument.
/// </summary>
/// <param name="own">This node's id: it never finds itself dead.</param>
/// <param name="death">How long a counter may stand still (<c>calls.cluster.death</c>).</param>
internal sealed class NodeWatch(string own, TimeSpan death)
{
    private readonly Dictionary<string, Sign> _signs = new(StringComparer.Ordinal);
    private TimeSpan? _lastRead;

    private sealed record Sign(NodeRecord Record, TimeSpan Since, bool IsDead);

    /// <summary>The nodes that live, and this one.</summary>
    public IReadOnlyCollection<NodeRecord> Alive => [.. _signs.Values.Where(s => !s.IsDead).Select(s => s.Record)];

    /// <summary>Takes in what was read.</summary>
    /// <param name="records">All that the registry holds.</param>
    /// <param name="now">When, by a clock that only goes forward.</param>
    /// <returns>Those that are dead now and were not before: silent for too long, replaced by a new start, or signed off.</returns>
    public IReadOnlyList<NodeRecord> Read(IReadOnlyList<NodeRecord> records, TimeSpan now)
    {
        var wasBlind = _lastRead is { } last && now - last > death / 2;
        _lastRead = now;
        List<NodeRecord> died = [];
        foreach (var record in records)
        {
            _signs.TryGetValue(record.Node, out var known);
            if (known is { IsDead: false } && known.Record.Incarnation != record.Incarnation)
                died.Add(known.Record);
            _signs[record.Node] = Judge(known, record, now, wasBlind, died);
        }
        var listed = records.Select(r => r.Node).ToHashSet(StringComparer.Ordinal);
        foreach (var (node, sign) in _signs.Where(s => !listed.Contains(s.Key)).ToArray())
        {
            if (node == own)
                continue;
            _signs.Remove(node);
            if (!sign.IsDead)
                died.Add(sign.Record);
        }
        return died;
    }

    /// <summary>There is proof that a node's process is gone.</summary>
    /// <returns>Its record, if it lived until now.</returns>
    public NodeRecord? Bury(string node, string incarnation)
    {
        if (!_signs.TryGetValue(node, out var sign) || sign.IsDead || sign.Record.Incarnation != incarnation)
            return null;
        _signs[node] = sign with { IsDead = true };
        return sign.Record;
    }

    private Sign Judge(Sign? known, NodeRecord record, TimeSpan now, bool wasBlind, List<NodeRecord> died)
    {
        var moved = known is null || known.Record.Incarnation != record.Incarnation || known.Record.Beat != record.Beat;
        if (moved || record.Node == own)
            return new Sign(record, now, IsDead: false);
        if (wasBlind && !known!.IsDead)
            return known with { Since = now };
        if (known!.IsDead || now - known.Since < death)
            return known;
        died.Add(record);
        return known with { IsDead = true };
    }
}
