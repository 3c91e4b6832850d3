using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.TestKit;

/// <summary>All that an <see cref="InMemoryStore"/> holds.</summary>
public sealed class StoreTables
{
    internal Dictionary<ChannelId, Channel> Channels { get; private init; } = [];
    internal OrderedDictionary<ChannelId, OpenCall> Open { get; private init; } = [];
    internal Dictionary<(ChannelId, CallId), StoredJournal> Journals { get; private init; } = [];
    internal Dictionary<(ChannelId, UserId, CommandId), (byte[] Payload, DateTimeOffset Until)> Outcomes
    {
        get;
        private init;
    } = [];
    internal Dictionary<UserId, CurrentCall> Current { get; private init; } = [];
    internal HashSet<(UserId User, ChannelId Channel)> Live { get; private init; } = [];
    internal Dictionary<string, byte[]> Secrets { get; private init; } = [];
    internal List<(ChannelId Channel, HistoryEntry Entry)> History { get; private init; } = [];
    internal List<UnsettledCall> Unsettled { get; private init; } = [];
    internal Dictionary<UserId, CallSettings> Settings { get; private init; } = [];
    internal Dictionary<(UserId, ChannelId), Dismissal> Dismissals { get; private init; } = [];
    internal List<(UserId User, UserCall Call)> UserCalls { get; private init; } = [];
    internal Dictionary<StartCounter, List<(string Start, long At)>> Starts { get; private init; } = [];
    internal List<(int Shard, long Number, WebhookMessage Message)> Webhooks { get; private init; } = [];
    internal long WebhookNumber { get; set; }

    internal StoreTables Copy() =>
        new()
        {
            Channels = new(Channels),
            Open = new(Open),
            Journals = Journals.ToDictionary(j => j.Key, j => j.Value.Copy()),
            Outcomes = new(Outcomes),
            Current = new(Current),
            Live = [.. Live],
            Secrets = new(Secrets),
            History = [.. History],
            Unsettled = [.. Unsettled],
            Settings = new(Settings),
            Dismissals = new(Dismissals),
            UserCalls = [.. UserCalls],
            Starts = Starts.ToDictionary(s => s.Key, s => s.Value.ToList()),
            Webhooks = [.. Webhooks],
            WebhookNumber = WebhookNumber,
        };
}

/// <summary>The journal of one call.</summary>
internal sealed class StoredJournal
{
    public List<JournalEntry> Entries { get; private init; } = [];

    public DateTimeOffset Until { get; set; } = DateTimeOffset.MaxValue;

    public string? LastTag => Entries.Count == 0 ? null : Entries[^1].Tag;

    public StoredJournal Copy() => new() { Entries = [.. Entries], Until = Until };
}
