using Calls.Protocol;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// A store for one node that needs nothing but a folder: an append-only log, replayed at start. An operation that
/// returns is on the disk, and what another can read is, too.
/// </summary>
public sealed partial class EmbeddedStore : ICallStore
{
    private readonly LogFolder _folder;
    private readonly LogWriter _writer;
    private readonly StoreOptions _options;
    private readonly StartCounters _starts;
    private readonly TimeProvider _time;
    private readonly Random _random;

    private EmbeddedStore(
        LogFolder folder,
        LogWriter writer,
        TornTail? torn,
        StoreOptions options,
        TimeProvider time,
        Random random
    )
    {
        (_folder, _writer, Torn, _options, _time, _random) = (folder, writer, torn, options, time, random);
        _starts = new StartCounters(time);
    }

    /// <summary>What a crash had left at the end of the log and the start cut off, or null.</summary>
    public TornTail? Torn { get; }

    /// <summary>Replays the folder; returns when the store is ready.</summary>
    /// <exception cref="StoreStartException">The folder is damaged, in use, or may not be written.</exception>
    public static EmbeddedStore Open(EmbeddedOptions options, TimeProvider time, Random random, ILogger log) =>
        Open(options, time, random, log, new EmbeddedSeams());

    internal static EmbeddedStore Open(
        EmbeddedOptions options,
        TimeProvider time,
        Random random,
        ILogger log,
        EmbeddedSeams seams
    )
    {
        var folder = LogFolder.Take(options.Path);
        try
        {
            var recovered = Recovery.Replay(folder, options.Store);
            if (recovered.Torn is { } torn)
                log.LogWarning(
                    "Cut {Bytes} bytes at offset {Offset} of {File}: a crash tore a commit that was never acknowledged",
                    torn.Bytes,
                    torn.Offset,
                    torn.File
                );
            folder.RemoveBefore(folder.Snapshots() is [.., var newest] ? newest : 0);
            var writer = new LogWriter(folder, recovered, options, seams, time, log);
            return new EmbeddedStore(folder, writer, recovered.Torn, options.Store, time, random);
        }
        catch (Exception e)
        {
            folder.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new StoreStartException($"The folder {folder.Path} ({LogFolder.Key}): {e.Message}", e);
            throw;
        }
    }

    public ValueTask<Channel?> GetChannel(ChannelId channel) => Look(t => t.Channel(channel));

    public async ValueTask PutChannel(Channel channel) => await _writer.Do(_ => (true, new ChannelPut(channel)));

    public async ValueTask<bool> DeleteChannel(ChannelId channel) =>
        await _writer.Do(t => t.Channel(channel) is null ? (false, null) : (true, new ChannelDeleted(channel)));

    public ValueTask<OpenCall?> FindOpen(ChannelId channel) => Look(t => t.Open(channel));

    public ValueTask<IReadOnlyList<OpenCall>> ListOpen() => Look(t => t.AllOpen());

    public async ValueTask<OpenCall?> Claim(ChannelId channel, string node)
    {
        AppendRequest.ValidateNode(node);
        // Before nearly every start nothing is live, and there is nothing that the writer would have to change.
        if (await FindOpen(channel) is null)
            return null;
        return await _writer.Do<OpenCall?>(t =>
        {
            if (t.Open(channel) is not { } open)
                return (null, null);
            var claimed = open with { Home = node, Fence = NewFence(open.Fence.Epoch + 1) };
            return (claimed, new OpenPut(claimed));
        });
    }

    public ValueTask<IReadOnlyList<JournalEntry>> Read(ChannelId channel, CallId call, long from = 1) =>
        Look<IReadOnlyList<JournalEntry>>(t =>
            t.Journal(channel, call, _time.GetUtcNow()) is { } journal ? [.. journal.From(from)] : []
        );

    public async ValueTask<AppendResult> Append(AppendRequest request)
    {
        request.Validate();
        return await _writer.Do(t => Enter(t, request));
    }

    public ValueTask<byte[]?> FindOutcome(ChannelId channel, UserId user, CommandId command) =>
        Look(t => t.Outcome(channel, user, command, _time.GetUtcNow()));

    public async ValueTask PutOutcome(ChannelId channel, CommandOutcome outcome) =>
        await _writer.Do(_ => (true, Remember(channel, outcome)));

    public ValueTask<IReadOnlyList<HistoryEntry>> ListHistory(ChannelId channel, CallId? before, int limit) =>
        Look(t => t.History(channel, before, limit, _time.GetUtcNow()));

    public ValueTask<HistoryEntry?> FindHistory(ChannelId channel, CallId call) =>
        Look(t => t.History(channel, call, _time.GetUtcNow()));

    public ValueTask<IReadOnlyList<UnsettledCall>> ListUnsettled() => Look(t => t.AllUnsettled());

    public async ValueTask Settle(ChannelId channel, CallId call) =>
        await _writer.Do(t => (true, t.IsUnsettled(channel, call) ? new Settled(channel, call) : null));

    public async ValueTask<byte[]> GetOrAddSecret(string name, byte[] candidate) =>
        await _writer.Do(t =>
            t.Secret(name) is { } known ? (known, null) : (candidate, (Change?)new SecretAdded(name, candidate))
        );

    /// <summary>Goes all the way to the writer, so a disk that hangs or fails shows.</summary>
    public async ValueTask<bool> IsHealthy()
    {
        try
        {
            return await _writer.Do(_ => (true, ProbeIfFailing())).WaitAsync(HealthDeadline, _time);
        }
        catch (Exception e) when (e is StoreUnavailableException or TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.Close();
        _folder.Dispose();
    }

    /// <summary>After a failure only a commit that succeeds says that it is over; a full disk takes one that writes nothing.</summary>
    private Probed? ProbeIfFailing() => _writer.IsFailing ? new Probed() : null;

    /// <summary>A disk that takes longer than this for what waits is no disk to start calls on.</summary>
    private static TimeSpan HealthDeadline => TimeSpan.FromSeconds(2);

    /// <summary>What goes before the append, and the append: one change, flushed once.</summary>
    private (AppendResult, Change?) Enter(Tables tables, AppendRequest request)
    {
        List<Change> changes = [];
        if (request.LiveAt.Count > 0)
            changes.Add(new LiveAdded(request.Channel, request.LiveAt));
        if (request.Place is { } place)
        {
            if (tables.Users.Current(place.User) != place.Expected)
                return (new AppendResult(AppendOutcome.PlaceTaken, tables.Open(request.Channel)), One(changes));
            changes.Add(new CurrentCallPut(place.User, place.Next));
        }
        var (result, appended) = Decide(tables, request);
        if (appended is not null)
            changes.Add(appended);
        return (result, One(changes));
    }

    private static Change? One(List<Change> changes) =>
        changes.Count > 1 ? new Several(changes) : changes.FirstOrDefault();

    private (AppendResult, Change?) Decide(Tables tables, AppendRequest request)
    {
        var open = tables.Open(request.Channel);
        if (Refusal(tables, request, open) is { } refusal)
            return (new AppendResult(refusal, open), null);

        OpenCall? next = null;
        if (!request.Closes)
            next = new OpenCall(
                request.Channel,
                request.Call,
                request.Home,
                open?.Fence ?? NewFence(1),
                request.Entries[^1].Version
            );
        DateTimeOffset? until = request.Closes ? _time.GetUtcNow() + _options.EndedRetention : null;
        var outcome = request.Outcome is { } given ? Remember(request.Channel, given) : null;
        return (
            new AppendResult(AppendOutcome.Ok, next),
            new Appended(
                request.Channel,
                request.Call,
                request.Entries,
                next,
                until,
                outcome,
                request.History,
                Put(tables, request.Webhooks)
            )
        );
    }

    private AppendOutcome? Refusal(Tables tables, AppendRequest request, OpenCall? open)
    {
        var opens = request.ExpectedVersion == 0;
        if (opens && open is not null)
            return AppendOutcome.AlreadyOpen;
        if (!opens && (open?.Call != request.Call || open.Home != request.Home || open.Fence != request.Fence))
            return AppendOutcome.Fenced;
        var journal = tables.Journal(request.Channel, request.Call, _time.GetUtcNow());
        var version = journal?.Entries.Count ?? 0;
        return version == request.ExpectedVersion && journal?.LastTag == request.PreviousTag
            ? null
            : AppendOutcome.Conflict;
    }

    private OutcomePut Remember(ChannelId channel, CommandOutcome outcome) =>
        new(channel, outcome.User, outcome.Command, outcome.Payload, _time.GetUtcNow() + _options.CommandRetention);

    // Only the writer's thread draws, so the generator needs no lock.
    private Fence NewFence(long epoch) => new(epoch, $"{_random.NextInt64():x16}");

    private ValueTask<T> Look<T>(Func<Tables, T> look) => ValueTask.FromResult(_writer.Look(look));
}
