using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.TestKit;

/// <summary>
/// What a store promises, in the plainest words: the model that the real ones are compared with, and a store for tests
/// of what stands above. <see cref="Before"/> and <see cref="After"/> make it slow, let it fail, or let others go first.
/// </summary>
public sealed partial class InMemoryStore(TimeProvider time, Random random, StoreOptions? options = null) : ICallStore
{
    private readonly Lock _lock = new();
    private readonly StoreOptions _options = options ?? new StoreOptions();
    private StoreTables _tables = new();

    /// <summary>Awaited before each operation, by its name; what it throws, the caller gets, and nothing has happened.</summary>
    public Func<string, ValueTask> Before { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Awaited after each operation, by its name; what it throws, the caller gets, although it has happened.</summary>
    public Func<string, ValueTask> After { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>All that is stored now, as a replica would have it that gets nothing from here on.</summary>
    public StoreTables TakeImage()
    {
        lock (_lock)
            return _tables.Copy();
    }

    /// <summary>Loses what was stored since: the replica takes the server's place.</summary>
    public void FailOver(StoreTables image)
    {
        lock (_lock)
            _tables = image.Copy();
    }

    public ValueTask<Channel?> GetChannel(ChannelId channel) =>
        Do(nameof(GetChannel), () => _tables.Channels.GetValueOrDefault(channel));

    public async ValueTask PutChannel(Channel channel) =>
        await Do(nameof(PutChannel), () => _tables.Channels[channel.Id] = channel);

    public ValueTask<bool> DeleteChannel(ChannelId channel) =>
        Do(nameof(DeleteChannel), () => _tables.Channels.Remove(channel));

    public ValueTask<OpenCall?> FindOpen(ChannelId channel) =>
        Do(nameof(FindOpen), () => _tables.Open.GetValueOrDefault(channel));

    public ValueTask<IReadOnlyList<OpenCall>> ListOpen() =>
        Do<IReadOnlyList<OpenCall>>(nameof(ListOpen), () => [.. _tables.Open.Values]);

    public ValueTask<OpenCall?> Claim(OpenCall seen, string node) =>
        Do(
            nameof(Claim),
            () =>
                _tables.Open.TryGetValue(seen.Channel, out var open) && open.IsHeldAs(seen)
                    ? _tables.Open[seen.Channel] = open with { Home = node, Fence = NewFence(open.Fence.Epoch + 1) }
                    : null
        );

    public ValueTask<IReadOnlyList<JournalEntry>> Read(ChannelId channel, CallId call, long from = 1) =>
        Do<IReadOnlyList<JournalEntry>>(
            nameof(Read),
            () => Find(channel, call) is { } journal ? [.. journal.Entries.Where(e => e.Version >= from)] : []
        );

    public async ValueTask<AppendResult> Append(AppendRequest request)
    {
        request.Validate();
        if (request.LiveAt.Count > 0)
            await AddLive(request.Channel, request.LiveAt);
        if (request.Place is { } place && !await SwapCurrentCall(place.User, place.Expected, place.Next))
            return new AppendResult(AppendOutcome.PlaceTaken, await FindOpen(request.Channel));
        return await Do(nameof(Append), () => Write(request));
    }

    public ValueTask<byte[]?> FindOutcome(ChannelId channel, UserId user, CommandId command) =>
        Do(
            nameof(FindOutcome),
            () =>
                _tables.Outcomes.TryGetValue((channel, user, command), out var known) && known.Until > time.GetUtcNow()
                    ? known.Payload
                    : null
        );

    public async ValueTask PutOutcome(ChannelId channel, CommandOutcome outcome) =>
        await Do(nameof(PutOutcome), () => Remember(channel, outcome));

    public ValueTask<CurrentCall?> GetCurrentCall(UserId user) =>
        Do(nameof(GetCurrentCall), () => _tables.Current.GetValueOrDefault(user));

    public ValueTask<bool> SwapCurrentCall(UserId user, CurrentCall? expected, CurrentCall? next) =>
        Do(
            nameof(SwapCurrentCall),
            () =>
            {
                if (_tables.Current.GetValueOrDefault(user) != expected)
                    return false;
                if (next is null)
                    _tables.Current.Remove(user);
                else
                    _tables.Current[user] = next;
                return true;
            }
        );

    public async ValueTask AddLive(ChannelId channel, IReadOnlyCollection<UserId> users) =>
        await Do(nameof(AddLive), () => users.Count(user => _tables.Live.Add((user, channel))));

    public async ValueTask RemoveLive(ChannelId channel, IReadOnlyCollection<UserId> users) =>
        await Do(
            nameof(RemoveLive),
            () => users.Count(user => _tables.Dismissals.Remove((user, channel)) | _tables.Live.Remove((user, channel)))
        );

    public ValueTask<IReadOnlyList<ChannelId>> LiveChannels(UserId user) =>
        Do<IReadOnlyList<ChannelId>>(
            nameof(LiveChannels),
            () => [.. _tables.Live.Where(l => l.User == user).Select(l => l.Channel)]
        );

    public ValueTask<byte[]> GetOrAddSecret(string name, byte[] candidate) =>
        Do(nameof(GetOrAddSecret), () => _tables.Secrets.TryAdd(name, candidate) ? candidate : _tables.Secrets[name]);

    public async ValueTask<bool> IsHealthy()
    {
        try
        {
            return await Do(nameof(IsHealthy), () => true);
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private AppendResult Write(AppendRequest request)
    {
        var open = _tables.Open.GetValueOrDefault(request.Channel);
        if (request.ExpectedVersion > 0 && !IsHome(request, open))
            return new AppendResult(AppendOutcome.Fenced, open);
        if (request.ExpectedVersion == 0 && open is not null)
            return new AppendResult(AppendOutcome.AlreadyOpen, open);
        var journal = Find(request.Channel, request.Call) ?? new StoredJournal();
        if (journal.Entries.Count != request.ExpectedVersion || journal.LastTag != request.PreviousTag)
            return new AppendResult(AppendOutcome.Conflict, open);

        _tables.Journals[(request.Channel, request.Call)] = journal;
        journal.Entries.AddRange(request.Entries);
        if (request.Outcome is { } outcome)
            Remember(request.Channel, outcome);
        Enqueue(request.Channel, request.Webhooks);
        if (request.Closes)
        {
            if (request.History is { } history)
                Keep(request.Channel, history);
            _tables.Open.Remove(request.Channel);
            journal.Until = time.GetUtcNow() + _options.EndedRetention;
            return new AppendResult(AppendOutcome.Ok, null);
        }
        var fence = open?.Fence ?? NewFence(1);
        open = new OpenCall(request.Channel, request.Call, request.Home, fence, journal.Entries.Count);
        _tables.Open[request.Channel] = open;
        return new AppendResult(AppendOutcome.Ok, open);
    }

    private static bool IsHome(AppendRequest request, OpenCall? open) =>
        open is not null && open.Call == request.Call && open.Home == request.Home && open.Fence == request.Fence;

    private StoredJournal? Find(ChannelId channel, CallId call) =>
        _tables.Journals.TryGetValue((channel, call), out var journal) && journal.Until > time.GetUtcNow()
            ? journal
            : null;

    private bool Remember(ChannelId channel, CommandOutcome outcome)
    {
        var until = time.GetUtcNow() + _options.CommandRetention;
        _tables.Outcomes[(channel, outcome.User, outcome.Command)] = (outcome.Payload, until);
        return true;
    }

    private Fence NewFence(long epoch) => new(epoch, $"{random.NextInt64():x16}");

    private async ValueTask<T> Do<T>(string operation, Func<T> work)
    {
        await Before(operation);
        T result;
        lock (_lock)
            result = work();
        await After(operation);
        return result;
    }
}
