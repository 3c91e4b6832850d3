using Calls.Protocol;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>What the log comes to when it is replayed. Not synchronised.</summary>
internal sealed class Tables(StoreOptions options)
{
    /// <summary>Entries in one change of a snapshot: keeps its frames at a size that is read in one piece.</summary>
    private const int EntriesPerChange = 1000;

    private readonly Dictionary<ChannelId, Channel> _channels = [];
    private readonly OrderedDictionary<ChannelId, OpenCall> _open = [];
    private readonly Dictionary<(ChannelId, CallId), Journal> _journals = [];
    private readonly Dictionary<(ChannelId, UserId, CommandId), OutcomePut> _outcomes = [];
    private readonly Dictionary<string, byte[]> _secrets = [];
    private readonly HashSet<(ChannelId Channel, CallId Call)> _unsettled = [];
    private readonly Histories<ChannelId, HistoryEntry> _history = new(
        e => e.Call,
        e => e.StartedAt,
        options.HistoryPerChannel,
        options.HistoryRetention
    );
    private readonly PriorityQueue<(ChannelId, CallId), DateTimeOffset> _endedUntil = new();
    private readonly PriorityQueue<(ChannelId, UserId, CommandId), DateTimeOffset> _outcomesUntil = new();

    public UserTables Users { get; } = new(options);

    public WebhookTable Webhooks { get; } = new();

    public Channel? Channel(ChannelId channel) => _channels.GetValueOrDefault(channel);

    public OpenCall? Open(ChannelId channel) => _open.GetValueOrDefault(channel);

    public IReadOnlyList<OpenCall> AllOpen() => [.. _open.Values];

    public Journal? Journal(ChannelId channel, CallId call, DateTimeOffset now) =>
        _journals.GetValueOrDefault((channel, call)) is { } journal && journal.Until > now ? journal : null;

    public byte[]? Outcome(ChannelId channel, UserId user, CommandId command, DateTimeOffset now) =>
        _outcomes.GetValueOrDefault((channel, user, command)) is { } known && known.Until > now ? known.Payload : null;

    public HistoryEntry? History(ChannelId channel, CallId call, DateTimeOffset now) =>
        _history.Find(channel, call, now);

    public IReadOnlyList<HistoryEntry> History(ChannelId channel, CallId? before, int limit, DateTimeOffset now) =>
        _history.Page(channel, before, limit, now, _ => true);

    public IReadOnlyList<UnsettledCall> AllUnsettled() =>
        [.. _unsettled.Select(u => new UnsettledCall(u.Channel, u.Call))];

    public bool IsUnsettled(ChannelId channel, CallId call) => _unsettled.Contains((channel, call));

    public byte[]? Secret(string name) => _secrets.GetValueOrDefault(name);

    public void Apply(Change change)
    {
        switch (change)
        {
            case ChannelPut put:
                _channels[put.Channel.Id] = put.Channel;
                break;
            case ChannelDeleted deleted:
                _channels.Remove(deleted.Channel);
                break;
            case Appended appended:
                Apply(appended);
                break;
            case OpenPut put:
                _open[put.Open.Channel] = put.Open;
                break;
            case OutcomePut put:
                var key = (put.Channel, put.User, put.Command);
                _outcomes[key] = put;
                _outcomesUntil.Enqueue(key, put.Until);
                break;
            case HistoryPut put:
                foreach (var entry in put.Entries)
                    _history.Put(put.Channel, entry);
                break;
            case UnsettledPut put:
                _unsettled.Add((put.Channel, put.Call));
                break;
            case Settled settled:
                _unsettled.Remove((settled.Channel, settled.Call));
                break;
            case WebhooksPut put:
                Webhooks.Put(put);
                break;
            case WebhooksRemoved removed:
                Webhooks.Remove(removed);
                break;
            case SecretAdded secret:
                _secrets.TryAdd(secret.Name, secret.Value);
                break;
            case Several several:
                foreach (var one in several.Changes)
                    Apply(one);
                break;
            default:
                Users.Apply(change);
                break;
        }
    }

    /// <summary>Lets go of what is over.</summary>
    public void Expire(DateTimeOffset now)
    {
        while (_endedUntil.TryPeek(out var call, out var until) && until <= now)
        {
            _endedUntil.Dequeue();
            _journals.Remove(call);
        }
        while (_outcomesUntil.TryPeek(out var command, out var until) && until <= now)
        {
            _outcomesUntil.Dequeue();
            if (_outcomes.TryGetValue(command, out var outcome) && outcome.Until <= now) // not remembered anew since
                _outcomes.Remove(command);
        }
        _history.Expire(now);
        Users.Expire(now);
    }

    /// <summary>Everything, as changes that lead from nothing to here. They share what is immutable, so this is quick.</summary>
    public List<Change> Capture()
    {
        List<Change> changes = [];
        changes.AddRange(_channels.Values.Select(c => new ChannelPut(c)));
        foreach (var ((channel, call), journal) in _journals)
            changes.AddRange(Capture(channel, call, journal));
        changes.AddRange(_outcomes.Values);
        foreach (var (channel, entries) in _history.All)
            changes.AddRange(entries.Chunk(EntriesPerChange).Select(some => new HistoryPut(channel, some)));
        changes.AddRange(_unsettled.Select(u => new UnsettledPut(u.Channel, u.Call)));
        changes.AddRange(Users.Capture());
        changes.AddRange(Webhooks.Capture());
        changes.AddRange(_secrets.Select(s => new SecretAdded(s.Key, s.Value)));
        changes.AddRange(_open.Values.Select(o => new OpenPut(o)));
        return changes;
    }

    public static Tables From(IEnumerable<Change> changes, StoreOptions options)
    {
        var tables = new Tables(options);
        foreach (var change in changes)
            tables.Apply(change);
        return tables;
    }

    private static IEnumerable<Change> Capture(ChannelId channel, CallId call, Journal journal) =>
        journal
            .Entries.Chunk(EntriesPerChange)
            .Select(entries => new Appended(channel, call, entries, null, journal.KeptUntil, null));

    private void Apply(Appended appended)
    {
        var key = (appended.Channel, appended.Call);
        if (!_journals.TryGetValue(key, out var journal))
            _journals[key] = journal = new Journal();
        journal.Entries.AddRange(appended.Entries);
        if (appended.Open is { } open)
            _open[appended.Channel] = open;
        else if (_open.TryGetValue(appended.Channel, out var present) && present.Call == appended.Call)
            _open.Remove(appended.Channel);
        if (appended.Until is { } until)
        {
            journal.KeptUntil = until;
            _endedUntil.Enqueue(key, until);
        }
        if (appended.Outcome is { } outcome)
            Apply((Change)outcome);
        if (appended.Webhooks is { } webhooks)
            Webhooks.Put(webhooks);
        if (appended.History is { } history)
        {
            _history.Put(appended.Channel, history);
            _unsettled.Add(key);
        }
    }
}

/// <summary>A call's journal.</summary>
internal sealed class Journal
{
    public List<JournalEntry> Entries { get; } = [];

    /// <summary>Null while the call lives.</summary>
    public DateTimeOffset? KeptUntil { get; set; }

    public DateTimeOffset Until => KeptUntil ?? DateTimeOffset.MaxValue;

    public IEnumerable<JournalEntry> From(long version) => Entries.Skip((int)Math.Clamp(version - 1, 0, Entries.Count));

    public string? LastTag => Entries.Count == 0 ? null : Entries[^1].Tag;
}
