using Calls.Actors.Cluster;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>To every call actor: connections at these nodes are gone.</summary>
internal sealed record NodesLost(IReadOnlyCollection<(string Node, string Incarnation)> Places);

/// <summary>To every call actor: this node may have been taken for dead, or the store have lost something.</summary>
public sealed record Doubted;

/// <summary>To every call actor: this node is being drained.</summary>
public sealed record MoveAway;

/// <summary>Where the call is run: here, unless its record in the store names another node that lives.</summary>
internal sealed partial class CallActor
{
    /// <summary>How soon the new home is told again that it is one, when the first word got lost.</summary>
    private static readonly TimeSpan HandoverRetry = TimeSpan.FromMilliseconds(500);

    /// <summary>The call was given to another node, by this record.</summary>
    private sealed record HandedOver(OpenCall To);

    /// <summary>How often the members' nodes are told how the call stands.</summary>
    private static readonly TimeSpan DigestInterval = TimeSpan.FromSeconds(3);

    private sealed record DigestDue;

    private void BeginDigests()
    {
        if (!env.Cluster.IsAlone)
            Context.Timers.StartSingleTimer(nameof(DigestDue), new DigestDue(), DigestInterval);
    }

    private void TellDigest()
    {
        if (!State.IsLive)
            return;
        var now = _clock.Now();
        var ringing = State.Targets.Select(t => t.User).Where(user => _ringer.IsHeard(State, user, now));
        env.Outbox.Digest(new CallDigest(id, State.Call, State.Version, [.. Audience], [.. ringing]));
        BeginDigests();
    }

    /// <summary>Gives the call to another node. Its media flows here until it does there: make before break.</summary>
    private async ValueTask GiveAway()
    {
        var to = env.Cluster.Place();
        if (to == env.Node || await _journal.HandTo(to) is not { } open)
            return;
        foreach (var seat in _seats.Values)
            seat.Session.Tell(new LetLinger());
        LetGo();
        await SeeThrough(new HandedOver(open));
    }

    /// <summary>Tells the new home, until it has taken the call up, or the call is another's affair.</summary>
    private async ValueTask SeeThrough(HandedOver handed)
    {
        var open = await env.Store.FindOpen(id);
        if (open is null || !open.IsHeldAs(handed.To) || !env.Cluster.IsAlive(open.Home))
            return;
        env.Cluster.Forward(open.Home, new RecoverCall(id));
        Context.Timers.StartSingleTimer(nameof(HandedOver), handed, HandoverRetry);
    }

    /// <summary>Lets go of what belongs to the call's home, and hands the message on to it.</summary>
    private void StepAside(string home, object message)
    {
        LetGo();
        // What the media server says is about sessions that are gone with the seats; the rest woke an actor here.
        if (message is IChannelMessage forHome and not (MediaMessage or SpeakersChanged or RecoverCall or SettleCall))
            env.Cluster.Forward(home, forHome);
    }

    private void LetGo()
    {
        foreach (var seat in _seats.Values)
            seat.Session.Tell(PoisonPill.Instance);
        _seats.Clear();
        _overtaken.Clear();
        _chores.Clear();
        _ringer.Clear();
        _journal.Forget();
        _channel = null;
        Context.Timers.Cancel(DeadlineTimer);
    }

    /// <summary>The connections of a dead node are as gone as if each had said so.</summary>
    private void Lose(NodesLost lost)
    {
        foreach (var (user, seat) in _seats)
        {
            if (seat.Holder is { } holder && lost.Places.Contains(ConnectionId.PlaceOf(holder)))
                seat.Session.Tell(new DeviceGone(id, user, seat.Device ?? default, holder, Expired: false));
        }
    }
}
