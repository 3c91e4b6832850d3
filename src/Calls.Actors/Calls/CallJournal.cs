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
    private Fence _fence;
    private string? _tag;
    private bool _inDoubt = true;

    /// <summary>The replay of what is journaled.</summary>
    public CallState State { get; private set; } = CallState.Empty;

    /// <summary>Reads what the store holds if that is in doubt; true when it was read.</summary>
    public async ValueTask<bool> Refresh()
    {
        if (!_inDoubt)
            return false;
        var open = await env.Store.Claim(channel, env.Node);
        if (open is null)
        {
            // Ended by an append whose answer was lost, or never begun: nothing lives here.
            State = State.IsLive ? await Replay(State.Call) : State;
        }
        else
        {
            _fence = open.Fence;
            State = await Replay(open.Call);
        }
        _inDoubt = false;
        return true;
    }

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

    private async ValueTask<CallState> Replay(CallId call)
    {
        var entries = await env.Store.Read(channel, call);
        _tag = entries.Count > 0 ? entries[^1].Tag : null;
        return CallState.Replay(entries.Select(e => WireJson.ReadEvent(e.Payload)));
    }

    private string NewTag() => env.NewId()[..16];
}
