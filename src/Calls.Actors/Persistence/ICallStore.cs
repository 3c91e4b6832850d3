using Calls.Protocol;

namespace Calls.Actors.Persistence;

/// <summary>
/// Everything that outlives a process: channels, the journals of calls, who is in which call, the outcomes of commands.
/// What belongs to one channel changes atomically; what belongs to one user does, too; a channel and a user only one
/// after the other (see <see cref="AppendRequest.Place"/>).
/// A call that returns has been made durable. One that throws <see cref="StoreUnavailableException"/> may or may not
/// have taken effect: the caller re-reads before it goes on.
/// </summary>
public interface ICallStore : IUserStore, IWebhookStore, IAsyncDisposable
{
    /// <summary>The channel, or null.</summary>
    ValueTask<Channel?> GetChannel(ChannelId channel);

    /// <summary>Makes or replaces a channel.</summary>
    ValueTask PutChannel(Channel channel);

    /// <summary>Forgets a channel; false if there was none. A live call in it is the caller's business.</summary>
    ValueTask<bool> DeleteChannel(ChannelId channel);

    /// <summary>The live call of a channel, or null.</summary>
    ValueTask<OpenCall?> FindOpen(ChannelId channel);

    /// <summary>All live calls: what a node looks through at start.</summary>
    ValueTask<IReadOnlyList<OpenCall>> ListOpen();

    /// <summary>Makes <paramref name="node"/> the home of a live call with a new epoch and nonce, so that whoever held it before is fenced off; null if no call is live.</summary>
    ValueTask<OpenCall?> Claim(ChannelId channel, string node);

    /// <summary>A call's journal from version <paramref name="from"/> on (1 is the first), in order; empty if unknown or expired.</summary>
    ValueTask<IReadOnlyList<JournalEntry>> Read(ChannelId channel, CallId call, long from = 1);

    /// <summary>Appends to a call's journal, all or nothing; see <see cref="AppendRequest"/> for what is compared.</summary>
    ValueTask<AppendResult> Append(AppendRequest request);

    /// <summary>What a command gave the first time, or null if it is new (or older than <see cref="StoreOptions.CommandRetention"/>).</summary>
    ValueTask<byte[]?> FindOutcome(ChannelId channel, UserId user, CommandId command);

    /// <summary>Remembers the outcome of a command that made no event.</summary>
    ValueTask PutOutcome(ChannelId channel, CommandOutcome outcome);

    /// <summary>The ended calls of a channel, newest first (by <see cref="HistoryEntry.StartedAt"/>, then by call id). Kept for <see cref="StoreOptions.HistoryRetention"/>, and of each channel at most <see cref="StoreOptions.HistoryPerChannel"/>, the newest.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="before">Only those that come after this one in the list; empty if it is not in the history.</param>
    /// <param name="limit">At most so many.</param>
    ValueTask<IReadOnlyList<HistoryEntry>> ListHistory(ChannelId channel, CallId? before, int limit);

    /// <summary>One ended call, or null if it is not there (any more).</summary>
    ValueTask<HistoryEntry?> FindHistory(ChannelId channel, CallId call);

    /// <summary>Calls whose end is journaled but not yet told to its members' own records: what a node looks through at start.</summary>
    ValueTask<IReadOnlyList<UnsettledCall>> ListUnsettled();

    /// <summary>The end has been told: takes the call out of <see cref="ListUnsettled"/>. No error if it is not there.</summary>
    ValueTask Settle(ChannelId channel, CallId call);

    /// <summary>The call a user is a participant of, or null.</summary>
    ValueTask<CurrentCall?> GetCurrentCall(UserId user);

    /// <summary>Replaces a user's current call if it is still <paramref name="expected"/>; false otherwise.</summary>
    ValueTask<bool> SwapCurrentCall(UserId user, CurrentCall? expected, CurrentCall? next);

    /// <summary>Notes a channel with a live call at each of the users, so that signing in costs what is live.</summary>
    ValueTask AddLive(ChannelId channel, IReadOnlyCollection<UserId> users);

    /// <summary>Takes that note back.</summary>
    ValueTask RemoveLive(ChannelId channel, IReadOnlyCollection<UserId> users);

    /// <summary>The channels noted at a user. A hint: the caller asks each whether its call still lives.</summary>
    ValueTask<IReadOnlyList<ChannelId>> LiveChannels(UserId user);

    /// <summary>A value kept once for the whole service (the development signing key): stores <paramref name="candidate"/> if there is none, and gives what is stored.</summary>
    ValueTask<byte[]> GetOrAddSecret(string name, byte[] candidate);

    /// <summary>Whether the store answers now; for readiness.</summary>
    ValueTask<bool> IsHealthy();
}

/// <summary>The store did not answer in time or is not reachable; whether the last operation took effect is unknown.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>How long the stores keep what is over.</summary>
public sealed record StoreOptions
{
    /// <summary>How long a command's outcome is remembered: the contract asks for 10 minutes at least.</summary>
    public TimeSpan CommandRetention { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long an ended call's journal stays readable: a day is enough to look into yesterday's trouble.</summary>
    public TimeSpan EndedRetention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long calls stand in the histories of channels and users, from their start (<c>calls.history.retention</c>). Holds for what is stored already, too.</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Most calls in one user's history: at 300 bytes each a third of a MiB.</summary>
    public int HistoryPerUser { get; init; } = 1000;

    /// <summary>Most calls in one channel's history: at a KiB each a MiB.</summary>
    public int HistoryPerChannel { get; init; } = 1000;
}

/// <summary>A live call: where its home is, and the fence that only this home passes.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Call">The call.</param>
/// <param name="Home">The id of the node that runs it, by <see cref="IdSyntax"/>.</param>
/// <param name="Fence">What an append must show.</param>
/// <param name="Version">The last appended version.</param>
public sealed record OpenCall(ChannelId Channel, CallId Call, string Home, Fence Fence, long Version);

/// <summary>Proof of being a call's present home. The epoch counts the claims; the nonce is drawn anew at each, because a failover can roll a counter back.</summary>
public readonly record struct Fence(long Epoch, string Nonce);

/// <summary>One event in a call's journal.</summary>
/// <param name="Version">1 for the first, one more for each.</param>
/// <param name="Tag">Random, an id by <see cref="IdSyntax"/>, drawn by whoever appends; two journals with the same version and tag are the same journal.</param>
/// <param name="Payload">The event as UTF-8 JSON.</param>
public sealed record JournalEntry(long Version, string Tag, byte[] Payload);

/// <summary>What a command gave, to be given again when it is repeated.</summary>
public sealed record CommandOutcome(UserId User, CommandId Command, byte[] Payload);

/// <summary>The participant's place: which call, by which media session, on which device (null until one has come).</summary>
public sealed record CurrentCall(ChannelId Channel, CallId Call, SessionId Session, DeviceId? Device);

/// <summary>An ended call in its channel's history.</summary>
/// <param name="Call">The call.</param>
/// <param name="StartedAt">When it started, in whole milliseconds as everywhere in the journal.</param>
/// <param name="Payload">What the caller wants to know of it later.</param>
public sealed record HistoryEntry(CallId Call, DateTimeOffset StartedAt, byte[] Payload);

/// <summary>A call that has ended and whose end is still to be told.</summary>
public sealed record UnsettledCall(ChannelId Channel, CallId Call);

/// <summary>What <see cref="ICallStore.SwapCurrentCall"/> is asked.</summary>
public sealed record PlaceChange(UserId User, CurrentCall? Expected, CurrentCall Next);

/// <summary>One atomic change of a channel, and what goes before it.</summary>
public sealed record AppendRequest
{
    public required ChannelId Channel { get; init; }

    public required CallId Call { get; init; }

    /// <summary>The appending home's node id.</summary>
    public required string Home { get; init; }

    /// <summary>The fence from <see cref="ICallStore.Claim"/> or from the append that opened the call; ignored by that one.</summary>
    public Fence Fence { get; init; }

    /// <summary>The version that the journal must have: 0 opens the call, which fails with <see cref="AppendOutcome.AlreadyOpen"/> if another lives in the channel.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The tag of the last event, null when opening.</summary>
    public string? PreviousTag { get; init; }

    /// <summary>At least one; their versions follow <see cref="ExpectedVersion"/> without a gap.</summary>
    public required IReadOnlyList<JournalEntry> Entries { get; init; }

    /// <summary>The outcome of the command that caused this, kept in the same change.</summary>
    public CommandOutcome? Outcome { get; init; }

    /// <summary>The last entry ends the call: it is live no more, and its journal expires after <see cref="StoreOptions.EndedRetention"/>.</summary>
    public bool Closes { get; init; }

    /// <summary>The ended call as its channel's history shall hold it; the call is then unsettled until <see cref="ICallStore.Settle"/>. Only with <see cref="Closes"/>; without, the call leaves no history.</summary>
    public HistoryEntry? History { get; init; }

    /// <summary>What the chat app's backend is to be told of it, put into the outbox in the same change.</summary>
    public IReadOnlyList<WebhookMessage> Webhooks { get; init; } = [];

    /// <summary>
    /// A user's place that is changed before anything is appended. If it is not as expected, nothing is appended
    /// (<see cref="AppendOutcome.PlaceTaken"/>); if it is, it has changed even when the append is refused or a crash comes
    /// between the two: never the other way round.
    /// </summary>
    public PlaceChange? Place { get; init; }

    /// <summary>Users at whom the channel is noted as with <see cref="ICallStore.AddLive"/>, before and whether or not anything is appended.</summary>
    public IReadOnlyCollection<UserId> LiveAt { get; init; } = [];

    /// <summary>Throws if no store could take this, whatever it holds: a bug of the caller's.</summary>
    public void Validate()
    {
        if (Entries.Count == 0)
            throw new InvalidOperationException("An append has at least one entry.");
        for (var i = 0; i < Entries.Count; i++)
            if (Entries[i].Version != ExpectedVersion + 1 + i)
                throw new InvalidOperationException(
                    $"Entry {i} has version {Entries[i].Version} after {ExpectedVersion}."
                );
        ValidateNode(Home);
        if (!Entries.All(e => IdSyntax.IsValid(e.Tag)))
            throw new InvalidOperationException($"Tags have {IdSyntax.Rule}.");
        if ((ExpectedVersion == 0) != (PreviousTag is null))
            throw new InvalidOperationException("The previous tag belongs to the expected version; 0 has none.");
        if (History is { } history && (!Closes || history.Call != Call))
            throw new InvalidOperationException("Only a call that ends here goes into the history.");
    }

    internal static void ValidateNode(string node)
    {
        if (!IdSyntax.IsValid(node))
            throw new InvalidOperationException($"A node's id has {IdSyntax.Rule}: {node}");
    }
}

/// <summary>How an append went.</summary>
public enum AppendOutcome
{
    /// <summary>Durable.</summary>
    Ok,

    /// <summary>Another call lives in the channel: <see cref="AppendResult.Open"/> says which.</summary>
    AlreadyOpen,

    /// <summary>Version or tag differ: somebody else has written (or, when opening, the call id was used before).</summary>
    Conflict,

    /// <summary>Home or fence are not the present ones (or the call is not live any more): this node is not the home.</summary>
    Fenced,

    /// <summary>The place of <see cref="AppendRequest.Place"/> was not as expected; nothing was appended.</summary>
    PlaceTaken,
}

/// <summary>The answer to an append.</summary>
/// <param name="Outcome">How it went.</param>
/// <param name="Open">The call that is live now: with the fence to use from here on when <see cref="AppendOutcome.Ok"/>; null when none is.</param>
public sealed record AppendResult(AppendOutcome Outcome, OpenCall? Open);
