using System.Collections.Immutable;

namespace Calls.Protocol;

/// <summary>What a command leads to. Pure and total: every command on every state gives events or a refusal, never an exception.</summary>
public static class CallDecider
{
    /// <summary>Decides <paramref name="command"/> on <paramref name="state"/>; nothing has happened until the events are journaled.</summary>
    public static Decision Decide(this CallState state, CallCommand command, CallPolicy policy)
    {
        // A clock that was set back must not make events go back in time.
        var now = command.At > state.LastAt ? command.At : state.LastAt;
        return command switch
        {
            StartCall c => Start(state, c, now, policy),
            _ when !state.IsLive => command is PassTime or RemoveMember or CloseCall
                ? Decision.Nothing
                : new Decision([], Refusals.NotFound),
            JoinCall c => Join(state, c, now, policy),
            LeaveCall c => Leave(state, c.User, c.Cause, now, policy),
            DeclineCall c => Decline(state, c, now),
            EndCall c => End(state, c, now),
            RingMembers c => Ring(state, c, now, policy),
            ChangeVoice c => ChangeVoice(state, c, now),
            RemoveMember c => Remove(state, c, now, policy),
            CloseCall c => Decision.Accept(new CallEnded(now, c.Reason)),
            PassTime => Expire(state, now, policy),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "Unknown command."),
        };
    }

    private static Decision Start(CallState state, StartCall c, DateTimeOffset now, CallPolicy policy)
    {
        if (state.Status != CallStatus.None)
            return Decision.Refuse(ErrorCode.CallAlreadyExists, "A call is going on in this conversation: join it.");
        var targets = c.Targets.Where(t => t != c.User).Distinct().ToImmutableArray();
        if (targets.IsEmpty)
            return Decision.Refuse(ErrorCode.NoRecipients, "Nobody else in this conversation may join a call.");
        return Decision.Accept(
            new CallStarted(now, c.Channel, c.Kind, c.Call, c.Media, c.User, c.Name, targets, now + policy.RingTimeout)
        );
    }

    private static Decision Join(CallState state, JoinCall c, DateTimeOffset now, CallPolicy policy)
    {
        if (state.FindParticipant(c.User) is not null)
            return Decision.Nothing;
        if (state.Participants.Length >= policy.MaxParticipants)
            return Decision.Refuse(ErrorCode.CallFull, $"The call is full: {policy.MaxParticipants} are in it.");
        return Decision.Accept(new ParticipantJoined(now, c.User, c.Name));
    }

    private static Decision Leave(CallState state, UserId user, LeaveCause cause, DateTimeOffset now, CallPolicy policy)
    {
        if (state.FindParticipant(user) is null)
            return new Decision([], Refusals.NotInCall);
        var left = state.Participants.Length - 1;
        var goesOn = state is { Kind: ChannelKind.Group, Status: CallStatus.Active } && left > 0;
        var departure = new ParticipantLeft(now, user, cause, goesOn && left == 1 ? now + policy.AloneTimeout : null);
        if (goesOn)
            return Decision.Accept(departure);
        // While it rings only the initiator is in. A DM that lost a member has nobody left to wait for.
        var cancelled =
            state.Status == CallStatus.Ringing && !(cause == LeaveCause.Removed && state.Kind == ChannelKind.Direct);
        return Decision.Accept(departure, new CallEnded(now, cancelled ? EndReason.Cancelled : EndReason.LastLeft));
    }

    private static Decision Decline(CallState state, DeclineCall c, DateTimeOffset now)
    {
        if (state.FindTarget(c.User) is not { } target)
            return Decision.Refuse(
                ErrorCode.InvalidTransition,
                "This call does not ring for you: there is nothing to decline."
            );
        if (target.Answer != TargetAnswer.None)
            return Decision.Refuse(
                ErrorCode.InvalidTransition,
                target.Answer == TargetAnswer.Declined
                    ? "You have declined this call already."
                    : "You have joined this call: leave it instead."
            );
        return Settled(state, new CallDeclined(now, c.User), now);
    }

    private static Decision End(CallState state, EndCall c, DateTimeOffset now)
    {
        if (c.User != state.Initiator)
            return Decision.Refuse(ErrorCode.Forbidden, "Only the one who started the call can end it for all.");
        return Decision.Accept(
            new CallEnded(now, state.Status == CallStatus.Ringing ? EndReason.Cancelled : EndReason.EndedByInitiator)
        );
    }

    private static Decision Ring(CallState state, RingMembers c, DateTimeOffset now, CallPolicy policy)
    {
        if (state.FindParticipant(c.User) is null)
            return new Decision([], Refusals.NotInCall);
        var users = c.Users.Where(u => state.FindParticipant(u) is null).Distinct().ToImmutableArray();
        if (users.IsEmpty)
            return Decision.Refuse(ErrorCode.NoRecipients, "Everybody who could be rung is in the call.");
        return Decision.Accept(new MembersRung(now, users, now + policy.RingTimeout, c.User));
    }

    private static Decision ChangeVoice(CallState state, ChangeVoice c, DateTimeOffset now)
    {
        if (state.FindParticipant(c.User) is not { } participant)
            return new Decision([], Refusals.NotInCall);
        var flags = c.Change.ApplyTo(participant.Voice);
        return flags == participant.Voice ? Decision.Nothing : Decision.Accept(new VoiceChanged(now, c.User, flags));
    }

    private static Decision Remove(CallState state, RemoveMember c, DateTimeOffset now, CallPolicy policy)
    {
        if (state.FindParticipant(c.User) is not null)
            return Leave(state, c.User, LeaveCause.Removed, now, policy);
        if (state.FindTarget(c.User) is null)
            return Decision.Nothing;
        return Settled(state, new TargetRemoved(now, c.User), now);
    }

    private static Decision Expire(CallState state, DateTimeOffset now, CallPolicy policy)
    {
        if (state.NextDeadline() is not { } deadline || deadline > now)
            return Decision.Nothing;
        return state.Status == CallStatus.Ringing
            ? Decision.Accept(new CallEnded(now, EndReason.NoAnswer))
            : Leave(state, state.Participants[0].User, LeaveCause.Alone, now, policy);
    }

    /// <summary>An answer or a removal, and the end that it brings when nobody is left who could still come.</summary>
    private static Decision Settled(CallState state, CallEvent happened, DateTimeOffset now)
    {
        var after = state.Apply(happened);
        EndReason? end = after switch
        {
            // The other member of a DM is gone, whatever the state: there is no conversation to have a call in.
            { Kind: ChannelKind.Direct } when happened is TargetRemoved => EndReason.LastLeft,
            { Status: CallStatus.Active } => null,
            { Targets.IsEmpty: true } => EndReason.LastLeft,
            _ when after.Targets.All(t => t.Answer == TargetAnswer.Declined) => EndReason.AllDeclined,
            // The one whose ring went on longest has answered; the others' deadlines have passed.
            _ when after.RingDeadline(now) is null => EndReason.NoAnswer,
            _ => null,
        };
        return end is { } reason ? Decision.Accept(happened, new CallEnded(now, reason)) : Decision.Accept(happened);
    }
}
