using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>What is read from the store: at the start, after an append in doubt, and when this node cannot be sure of itself.</summary>
internal sealed partial class CallActor
{
    /// <summary>Makes sure that what is decided on is what is journaled; after a start or a failed append it is read from the store.</summary>
    private async ValueTask Refresh()
    {
        // Until a call lives here, another node may be the one that changes the channel.
        if (_channel is null || (!env.Cluster.IsAlone && !State.IsLive))
            _channel = await env.Store.GetChannel(id);
        if (!await _journal.Refresh() || State.Status == CallStatus.None)
            return;
        env.Media.Release(id);
        if (_journal.HasHealed)
            await Reclaim();
        // First, for what comes next may end the call, and then who missed it must be known.
        if (State.IsLive)
            await RecoverRings();
        else
            _ringer.Clear();
        foreach (var participant in State.Participants)
        {
            if (State.IsLive && !_seats.ContainsKey(participant.User))
                await Recover(participant);
        }
        foreach (var user in _seats.Keys.Where(u => !State.IsLive || State.FindParticipant(u) is null).ToArray())
            Unseat(user);
        WatchDeadline();
        // What was said between the last home's last append and its end, if that was a crash, nobody may have heard.
        TellDigest();
        if (_isRecovered)
            return;
        // What came due while no process was there to see it is done before anything else is decided.
        _isRecovered = true;
        await Commit(new PassTime(_clock.Now()));
    }

    private async ValueTask RecoverRings()
    {
        foreach (var user in await _ringer.Recover(State, _clock.Now()))
        {
            await _history.MissUnlessNoted(State, user);
            _ringer.Note(user);
        }
    }

    /// <summary>The user's own record says where they are; a join elsewhere that was cut short before they left here is finished.</summary>
    private async ValueTask Recover(Participant participant)
    {
        var current = await env.Store.GetCurrentCall(participant.User);
        if (current is not null && current.Call != State.Call)
        {
            await Commit(new LeaveCall(_clock.Now(), participant.User, LeaveCause.Moved));
            return;
        }
        var place = new SessionId(env.NewId());
        await env.Store.SwapCurrentCall(
            participant.User,
            current,
            new CurrentCall(id, State.Call, place, current?.Device)
        );
        var seat = new TakeSeat(current?.Device, null, participant.Voice, State.Version);
        Sit(participant.User, place, seat, ConnectionState.Connecting);
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
        && CallJournal.Replay(await env.Store.Read(place.Channel, place.Call)).FindParticipant(user) is not null;
}
