using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>
/// The journal of a channel's call as its home sees it: the replayed state, and the fence, version and tag that the next
/// append must show. After an append whose outcome is unknown it is re-read before anything else is decided.
/// </summary>
internal sealed class CallJournal(ChannelId channel, CallEnvironment env)
{
    /// <summary>How often a call is claimed that others claim, or end, at the same moment.</summary>
    private const int ClaimAttempts = 5;

    private readonly JournalTail _tail = new();
    private Fence _fence;
    private string? _tag;
    private bool _inDoubt = true;

    /// <summary>The replay of what is journaled.</summary>
    public CallState State { get; private set; } = CallState.Empty;

    /// <summary>The store had lost something of this call, and holds it again; set back by whoever has seen to the rest.</summary>
    public bool HasHealed { get; set; }

    /// <summary>Another node writes it from now on.</summary>
    public void Forget()
    {
        (State, _inDoubt) = (CallState.Empty, true);
        _tail.Clear();
    }

    /// <summary>What is known here may not be so any more: it is read anew before anything is decided.</summary>
    public void Doubt() => _inDoubt = true;

    /// <summary>The call is over for so long that no store forgets it any more.</summary>
    public void Rest() => _tail.Clear();

    /// <summary>
    /// Makes sure that what is decided on is what the store holds. A live call that is not in doubt is run here: its
    /// appends tell if that has changed. Otherwise its record says who runs it, and a call whose home does not live is
    /// claimed.
    /// </summary>
    /// <returns>Whether the journal was read.</returns>
    /// <exception cref="CallMovedException">Another living node runs it.</exception>
    public async ValueTask<bool> Refresh()
    {
        if (!_inDoubt && (State.IsLive || env.Cluster.IsAlone))
            return false;
        for (var attempt = 0; attempt < ClaimAttempts; attempt++)
        {
            var open = await env.Store.FindOpen(channel);
            if (open is null)
                return await FindNone();
            if (open.Home != env.Node && env.Cluster.IsAlive(open.Home) && !IsOlder(open))
                throw new CallMovedException(open.Home);
            if (await env.Store.Claim(open, env.Node) is not { } claimed)
                continue;
            _fence = claimed.Fence;
            await Settle(claimed.Call);
            return true;
        }
        throw new StoreUnavailableException($"The call in {channel} goes from node to node at this moment.");
    }

    /// <summary>Makes another node the call's home; from then on nothing can be appended from here.</summary>
    /// <returns>The record as the new home finds it; null when this node is not the home any more.</returns>
    public async ValueTask<OpenCall?> HandTo(string node)
    {
        _inDoubt = true;
        var open = await env.Store.FindOpen(channel);
        return open is not null && open.Fence == _fence ? await env.Store.Claim(open, node) : null;
    }

    /// <summary>Ended by an append whose answer was lost, or never begun: nothing lives here.</summary>
    private async ValueTask<bool> FindNone()
    {
        if (!_inDoubt)
            return false;
        if (State.Status != CallStatus.None)
            await Settle(State.Call);
        _inDoubt = false;
        return true;
    }

    /// <summary>A record from before this node became the home: the store has lost what came after.</summary>
    private bool IsOlder(OpenCall open) => open.Call == State.Call && open.Fence.Epoch < _fence.Epoch;

    /// <summary>Comes to the state that the store holds; but what it has lost of the call that is known here, it is told again.</summary>
    private async ValueTask Settle(CallId call)
    {
        var journaled = await env.Store.Read(channel, call);
        var lost = call == State.Call ? _tail.After(journaled) : [];
        if (lost.Count > 0)
            await Heal(lost);
        else
            Adopt(journaled);
        _inDoubt = false;
    }

    private async ValueTask Heal(IReadOnlyList<AppendRequest> lost)
    {
        foreach (var request in lost)
        {
            // The users' places are in other slots, and looked after by whoever asked for this.
            var result = await env.Store.Append(request with { Home = env.Node, Fence = _fence, Place = null });
            if (result.Outcome != AppendOutcome.Ok)
                throw new StoreUnavailableException(
                    $"The call in {channel} could not be written anew: {result.Outcome}."
                );
            _fence = result.Open?.Fence ?? _fence;
        }
        HasHealed = true;
        env.Metrics?.Healed(lost.Sum(r => r.Entries.Count));
    }

    private void Adopt(IReadOnlyList<JournalEntry> journaled)
    {
        _tag = journaled.Count > 0 ? journaled[^1].Tag : null;
        if (_tag != _tail.LastTag)
            _tail.Clear();
        State = Replay(journaled);
    }

    /// <summary>The state that a journal leads to.</summary>
    public static CallState Replay(IEnumerable<JournalEntry> journaled) =>
        CallState.Replay(journaled.Select(e => WireJson.ReadEvent(e.Payload)));

    /// <summary>Makes a step durable, and with it what the backend is told and, at the end, what goes into the history. When somebody else has written, the state is to be read anew.</summary>
    /// <exception cref="StoreUnavailableException">Whether it is durable is not known; the next <see cref="Refresh"/> tells.</exception>
    public async ValueTask<AppendOutcome> Append(
        CallStep step,
        HistoryEntry? history,
        IReadOnlyList<WebhookMessage> webhooks
    )
    {
        var events = step.Events;
        var opens = events[0] is CallStarted;
        var before = opens ? CallState.Empty : State;
        var entries = events.Select(
            (e, i) => new JournalEntry(before.Version + 1 + i, NewTag(), WireJson.WriteEvent(e))
        );
        var after = events.Aggregate(before, (s, e) => s.Apply(e));
        var request = new AppendRequest
        {
            Channel = channel,
            Call = after.Call,
            Home = env.Node,
            Fence = _fence,
            ExpectedVersion = before.Version,
            PreviousTag = opens ? null : _tag,
            Entries = [.. entries],
            Outcome = step.Outcome,
            Closes = !after.IsLive,
            History = history,
            Webhooks = webhooks,
            Place = step.Place,
            LiveAt = step.LiveAt,
        };
        _inDoubt = true;
        var result = await Measure(request);
        _inDoubt = result.Outcome is not (AppendOutcome.Ok or AppendOutcome.PlaceTaken);
        if (result.Outcome != AppendOutcome.Ok)
            return result.Outcome;
        _fence = result.Open?.Fence ?? _fence;
        _tag = request.Entries[^1].Tag;
        if (opens)
            _tail.Clear();
        _tail.Keep(request);
        if (webhooks.Count > 0)
            env.Webhooks.Wake(channel);
        State = after;
        return result.Outcome;
    }

    private async ValueTask<AppendResult> Measure(AppendRequest request)
    {
        using var span = ActorTraces.Source.StartActivity("append journal");
        span?.SetTag("calls.store", env.StoreName)
            .SetTag("calls.channel.id", request.Channel.Value)
            .SetTag("calls.call.id", request.Call.Value)
            .SetTag("calls.call.version", request.Entries[^1].Version);
        var started = env.Time.GetTimestamp();
        string? error = "unavailable";
        try
        {
            var result = await env.Store.Append(request);
            error =
                result.Outcome == AppendOutcome.Ok
                    ? null
                    : JsonNamingPolicy.SnakeCaseLower.ConvertName(result.Outcome.ToString());
            return result;
        }
        finally
        {
            if (error is not null)
                span?.SetStatus(ActivityStatusCode.Error).SetTag(ActorTraces.ErrorType, error);
            env.Metrics?.Appended(env.StoreName, env.Time.GetElapsedTime(started), error);
        }
    }

    private string NewTag() => env.NewId()[..16];
}
