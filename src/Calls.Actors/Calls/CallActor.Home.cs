using Calls.Actors.Cluster;
using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>To every call actor: connections at these nodes are gone.</summary>
internal sealed record NodesLost(IReadOnlyCollection<(string Node, string Incarnation)> Places);

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
