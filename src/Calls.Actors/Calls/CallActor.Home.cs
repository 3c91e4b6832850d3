using Calls.Actors.Cluster;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>To every call actor: connections at these nodes are gone.</summary>
internal sealed record NodesLost(IReadOnlyCollection<(string Node, string Incarnation)> Places);

/// <summary>To every call actor: this node may have been taken for dead, or the store have lost something.</summary>
public sealed record Doubted;

/// <summary>Where the call is run: here, unless its record in the store names another node that lives.</summary>
internal sealed partial class CallActor
{
    /// <summary>Lets go of what belongs to the call's home, and hands the message on to it.</summary>
    private void StepAside(string home, object message)
    {
        foreach (var seat in _seats.Values)
            Context.Stop(seat.Session);
        _seats.Clear();
        _overtaken.Clear();
        _chores.Clear();
        _ringer.Clear();
        _journal.Forget();
        _channel = null;
        Context.Timers.Cancel(DeadlineTimer);
        // What the media server says is about sessions that are gone with the seats; the rest woke an actor here.
        if (message is IChannelMessage forHome and not (MediaMessage or SpeakersChanged or RecoverCall or SettleCall))
            env.Cluster.Forward(home, forHome);
    }

    /// <summary>
    /// After the store had lost what was appended: the participants' own records, in other slots, may be as old. One that
    /// names another call holds only if that one has its user.
    /// </summary>
    private async ValueTask Reclaim()
    {
        foreach (var (user, seat) in _seats)
        {
            var place = new CurrentCall(id, State.Call, seat.Place, seat.Device);
            var current = await env.Store.GetCurrentCall(user);
            if (current != place && (current is null || current.Call == State.Call || !await IsIn(user, current)))
                await env.Store.SwapCurrentCall(user, current, place);
        }
        _journal.HasHealed = false;
    }

    private async ValueTask<bool> IsIn(UserId user, CurrentCall place) =>
        (await env.Store.FindOpen(place.Channel))?.Call == place.Call
        && CallState
            .Replay((await env.Store.Read(place.Channel, place.Call)).Select(e => WireJson.ReadEvent(e.Payload)))
            .FindParticipant(user)
            is not null;

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
