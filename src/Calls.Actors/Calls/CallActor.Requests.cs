using System.Collections.Immutable;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>What clients ask.</summary>
internal sealed partial class CallActor
{
    /// <summary>How often a user's place is tried for: others who change it at that moment are their own devices and the end of their last call.</summary>
    private const int PlaceAttempts = 5;

    private static readonly byte[] JsonNull = "null"u8.ToArray();
    private static readonly byte[] JsonEmpty = "{}"u8.ToArray();

    private async ValueTask Handle(CallRequest request)
    {
        if (State.Status != CallStatus.None)
            request.Reply.Concerns(State.Call);
        if (_channel?.Find(request.Caller.User) is not { CanRead: true } member)
        {
            request.Reply.Answer(CallReply.Refuse(Refusals.NotFound));
            return;
        }
        if (request.Request.Command is { } command)
        {
            var known = await env.Store.FindOutcome(id, request.Caller.User, command);
            if (known is not null)
            {
                await Repeat(request, RememberedOutcome.Read(known));
                return;
            }
        }
        await (
            request.Request switch
            {
                CallGetRequest => Get(request),
                CallStartRequest r => Start(request, r, member),
                CallJoinRequest => Join(request, member),
                CallDeclineRequest => Decide(
                    request,
                    new DeclineCall(_clock.Now(), member.UserId),
                    ElsewhereAction.Declined
                ),
                CallDismissRequest => Dismiss(request),
                CallLeaveRequest => Leave(request),
                CallEndRequest => Decide(request, new EndCall(_clock.Now(), member.UserId)),
                CallRingRequest r => Ring(request, r, member),
                VoiceStateRequest r => Decide(request, new ChangeVoice(_clock.Now(), member.UserId, r.Change)),
                MediaAnswerRequest r => AnswerMedia(request, r),
                MediaRestartRequest => RestartMedia(request),
                CallStatsRequest => Stats(request),
                var other => throw new ArgumentOutOfRangeException(
                    nameof(request),
                    other.GetType().Name,
                    "Unknown request."
                ),
            }
        );
    }

    private ValueTask Get(CallRequest request)
    {
        var shown = State.IsLive || State.EndedAt + env.Policy.EndedReadable > _clock.Now();
        request.Reply.Answer(new CallReply(shown ? WireJson.WriteView(View(State)) : JsonNull));
        return ValueTask.CompletedTask;
    }

    /// <summary>The first answer again, and with it what belongs to the asking connection.</summary>
    private async ValueTask Repeat(CallRequest request, RememberedOutcome known)
    {
        if (known.Type != RequestParser.NameOf(request.Request))
        {
            request.Reply.Answer(
                CallReply.Refuse(Refusals.Invalid("command_id", $"has been used for another request ({known.Type})"))
            );
            return;
        }
        request.Reply.Answer(new CallReply(known.ResultBytes()));
        var user = request.Caller.User;
        var wantsMedia = request.Request is CallStartRequest or CallJoinRequest or MediaRestartRequest;
        if (wantsMedia && State.IsLive && State.Call == known.Call && State.FindParticipant(user) is { } participant)
            await TakeOver(request.Caller, participant);
    }

    private async ValueTask Start(CallRequest request, CallStartRequest start, Member member)
    {
        if (!member.CanCall)
        {
            request.Reply.Answer(CallReply.Refuse(Refusals.NotAllowedToCall));
            return;
        }
        ImmutableArray<UserId> targets =
        [
            .. _channel!.Members.Where(m => m.CanCall && m.UserId != member.UserId).Select(m => m.UserId),
        ];
        var command = new StartCall(
            _clock.Now(),
            id,
            _channel.Kind,
            new CallId(env.NewId()),
            start.Media,
            member.UserId,
            request.Caller.Name,
            targets
        );
        var decision = (State.IsLive ? State : CallState.Empty).Decide(command, env.Policy);
        if (decision.Refusal is { } refusal)
        {
            request.Reply.Answer(new CallReply(null, refusal, State.IsLive ? WireJson.WriteView(View(State)) : null));
            return;
        }
        if (!request.IsPlaced && !env.Cluster.IsAlone && env.Cluster.Place() is var place && place != env.Node)
        {
            env.Cluster.Forward(place, request with { IsPlaced = true });
            return;
        }
        if (await _startLimits.Take(command) is { } wait)
        {
            var words = new Refusal(
                ErrorCode.RateLimited,
                "Too many calls were started within a minute: wait a little."
            );
            request.Reply.Answer(new CallReply(null, words, RetryAfter: wait));
            return;
        }
        var rings = await _ringer.Prepare(CallState.Replay(decision.Events), targets);
        if (command.Kind == ChannelKind.Direct && rings[targets[0]].Sound is RingSound.None or RingSound.Blocked)
        {
            await Refuse(request, command, rings[targets[0]].Sound);
            return;
        }
        var entered = false;
        try
        {
            entered = await Enter(request, decision.Events, rings);
        }
        finally
        {
            if (!entered)
                await _startLimits.GiveBack(command);
        }
    }

    /// <summary>The other one of the two has blocked the caller or does not want to be disturbed, and the caller cannot tell which.</summary>
    private async ValueTask Refuse(CallRequest request, StartCall start, RingSound sound)
    {
        if (sound == RingSound.None)
        {
            var unmade = new UserCall(start.Call, id, start.User, start.Name, start.Media, start.At, MissedMark.Unseen);
            await _history.MissUnmade(unmade, start.Targets[0]);
        }
        var words = new Refusal(ErrorCode.UserUnavailable, "They are not available for calls at this moment.");
        request.Reply.Answer(CallReply.Refuse(words));
    }

    private async ValueTask Join(CallRequest request, Member member)
    {
        if (!member.CanCall)
        {
            request.Reply.Answer(CallReply.Refuse(Refusals.NotAllowedToCall));
            return;
        }
        var decision = State.Decide(new JoinCall(_clock.Now(), member.UserId, request.Caller.Name), env.Policy);
        if (decision.Refusal is { } refusal)
            request.Reply.Answer(CallReply.Refuse(refusal));
        else if (!decision.Events.IsEmpty)
            await Enter(request, decision.Events);
        else
            await TakeOver(request.Caller, State.FindParticipant(member.UserId)!, () => AnswerUnchanged(request));
    }

    /// <summary>
    /// Comes into the call and, only then, out of the one before (S10): the user's own record is moved first, so that a
    /// crash between any two of these steps leaves them in one call at most.
    /// </summary>
    /// <returns>Whether that was possible; if not, it has been answered.</returns>
    private async ValueTask<bool> Enter(
        CallRequest request,
        ImmutableArray<CallEvent> events,
        Dictionary<UserId, Ring>? rings = null
    )
    {
        var caller = request.Caller;
        var opens = events[0] is CallStarted;
        var after = events.Aggregate(opens ? CallState.Empty : State, (s, e) => s.Apply(e));
        request.Reply.Concerns(after.Call);
        var place = new CurrentCall(id, after.Call, new SessionId(env.NewId()), caller.Device);
        // A start by REST needs no connection; the grace runs until there is one.
        var isHere = (caller.Connection ?? (await env.Outbox.Find(caller.User, caller.Device))?.Connection) is not null;
        var seen = isHere ? ConnectionState.Connecting : ConnectionState.Reconnecting;
        var view = CallView.Of(after, _clock.Now(), user => user == caller.User ? seen : SeenConnection(user));
        var result = WireJson.WriteView(view);
        var step = new CallStep(events)
        {
            Outcome = Outcome(request, after.Call, result),
            Answer = () =>
            {
                var voice = after.FindParticipant(caller.User)!.Voice;
                var seat = new TakeSeat(caller.Device, caller.Connection, voice, after.Version);
                request.Reply.Answer(new CallReply(result));
                Sit(caller.User, place.Session, seat, seen);
                QuietOthers(caller, ElsewhereAction.Joined, after.Version);
            },
            Starter = caller.Device,
            Rings = rings,
            LiveAt = opens ? [.. _channel!.Members.Select(m => m.UserId)] : [],
        };
        var (outcome, earlier) = await Enter(step, caller.User, place);
        if (outcome != AppendOutcome.Ok)
        {
            await env.Store.SwapCurrentCall(caller.User, place, earlier);
            request.Reply.Answer(
                new CallReply(
                    null,
                    new Refusal(ErrorCode.CallAlreadyExists, "A call is going on in this conversation: join it."),
                    WireJson.WriteView(View(State))
                )
            );
            return false;
        }
        if (!isHere)
            TellConnection(caller.User);
        if (earlier is not null && earlier.Channel != id)
            Context.Parent!.Tell(new GiveUpPlace(earlier.Channel, caller.User, earlier.Session));
        return true;
    }

    /// <summary>Appends, and makes this the user's place with it. The one before may be given up, or changed, in the same instant: then it is looked at again.</summary>
    /// <returns>How the append went, and the place before.</returns>
    private async ValueTask<(AppendOutcome Outcome, CurrentCall? Earlier)> Enter(
        CallStep step,
        UserId user,
        CurrentCall place
    )
    {
        for (var attempt = 0; attempt < PlaceAttempts; attempt++)
        {
            var earlier = await env.Store.GetCurrentCall(user);
            try
            {
                var outcome = await Append(step with { Place = new PlaceChange(user, earlier, place) });
                if (outcome != AppendOutcome.PlaceTaken)
                    return (outcome, earlier);
            }
            catch (CallMovedException)
            {
                await env.Store.SwapCurrentCall(user, place, earlier);
                throw;
            }
        }
        throw new StoreUnavailableException($"{user} is moving from call to call at this moment.");
    }

    /// <summary>One who is in already takes the media to the asking device or connection; no event.</summary>
    private async ValueTask TakeOver(Caller caller, Participant participant, Func<ValueTask>? answer = null)
    {
        var seat = _seats[participant.User];
        var device = caller.Device ?? seat.Device;
        if (device != seat.Device)
        {
            await env.Store.SwapCurrentCall(
                participant.User,
                new CurrentCall(id, State.Call, seat.Place, seat.Device),
                new CurrentCall(id, State.Call, seat.Place, device)
            );
        }
        _seats[participant.User] = seat with { Device = device, Holder = caller.Connection };
        Hold(caller.Connection, instead: seat.Holder);
        if (answer is not null)
            await answer();
        seat.Session.Tell(new TakeSeat(device, caller.Connection, participant.Voice, State.Version));
    }

    private async ValueTask Dismiss(CallRequest request)
    {
        var user = request.Caller.User;
        if (!State.IsLive)
        {
            request.Reply.Answer(CallReply.Refuse(Refusals.NotFound));
            return;
        }
        if (State.FindTarget(user) is not { Answer: TargetAnswer.None })
        {
            var words = new Refusal(
                ErrorCode.InvalidTransition,
                "This call does not ring for you: there is nothing to dismiss."
            );
            request.Reply.Answer(CallReply.Refuse(words));
            return;
        }
        var rang = await _ringer.Dismiss(State, user);
        await AnswerUnchanged(request);
        if (rang)
            QuietOthers(request.Caller, ElsewhereAction.Dismissed, State.Version);
    }

    private ValueTask Leave(CallRequest request)
    {
        var caller = request.Caller;
        if (!caller.AnyDevice && _seats.TryGetValue(caller.User, out var seat))
        {
            var elsewhere =
                seat.Device != caller.Device ? "from another device"
                : _overtaken.Contains(caller.Connection ?? "") ? "from a newer connection of this device"
                : null;
            if (elsewhere is not null)
            {
                var words = $"You are in this call {elsewhere}: leave it there, or join from here first.";
                request.Reply.Answer(CallReply.Refuse(new Refusal(ErrorCode.InvalidTransition, words)));
                return ValueTask.CompletedTask;
            }
        }
        return Decide(request, new LeaveCall(_clock.Now(), caller.User, LeaveCause.Hangup));
    }

    private ValueTask Ring(CallRequest request, CallRingRequest ring, Member member)
    {
        if (!member.CanCall)
        {
            request.Reply.Answer(CallReply.Refuse(Refusals.NotAllowedToCall));
            return ValueTask.CompletedTask;
        }
        var callable = _channel!.Members.Where(m => m.CanCall).Select(m => m.UserId).ToImmutableArray();
        var users = ring.Users ?? callable;
        var stranger = users.Where(u => !callable.Contains(u)).Select(u => (UserId?)u).FirstOrDefault();
        if (stranger is not null)
        {
            var words = Refusals.Invalid("user_ids", $"names '{stranger}', who is no member that may join calls here");
            request.Reply.Answer(CallReply.Refuse(words));
            return ValueTask.CompletedTask;
        }
        return Decide(request, new RingMembers(_clock.Now(), member.UserId, users));
    }

    private ValueTask AnswerMedia(CallRequest request, MediaAnswerRequest answer)
    {
        if (InCall(request, out var seat))
            seat.Session.Tell(new AnswerOffer(answer, request.Reply));
        return ValueTask.CompletedTask;
    }

    private async ValueTask RestartMedia(CallRequest request)
    {
        if (!InCall(request, out _))
            return;
        await TakeOver(
            request.Caller,
            State.FindParticipant(request.Caller.User)!,
            () => AnswerUnchanged(request, JsonEmpty)
        );
    }

    private ValueTask Stats(CallRequest request)
    {
        if (!InCall(request, out _))
            return ValueTask.CompletedTask;
        var known = env.Media.Stats(id);
        var stats = State.Participants.Select(p =>
            known.TryGetValue(p.User, out var its) ? its : ParticipantStatsView.Unknown(p.User)
        );
        request.Reply.Answer(new CallReply(WireJson.WriteView(new CallStatsView([.. stats]))));
        return ValueTask.CompletedTask;
    }

    private bool InCall(CallRequest request, out Seat seat)
    {
        if (State.IsLive && _seats.TryGetValue(request.Caller.User, out seat!))
            return true;
        seat = null!;
        request.Reply.Answer(CallReply.Refuse(State.IsLive ? Refusals.NotInCall : Refusals.NotFound));
        return false;
    }

    /// <summary>Decide, append, apply, answer, publish.</summary>
    private async ValueTask Decide(CallRequest request, CallCommand command, ElsewhereAction? quiets = null)
    {
        var decision = State.Decide(command, env.Policy);
        if (decision.Refusal is { } refusal)
        {
            request.Reply.Answer(CallReply.Refuse(refusal));
            return;
        }
        if (decision.Events.IsEmpty)
        {
            await AnswerUnchanged(request);
            return;
        }
        var after = decision.Events.Aggregate(State, (s, e) => s.Apply(e));
        var result = WireJson.WriteView(View(after));
        var step = new CallStep(decision.Events)
        {
            Outcome = Outcome(request, after.Call, result),
            Answer = () =>
            {
                request.Reply.Answer(new CallReply(result));
                if (quiets is { } action)
                    QuietOthers(request.Caller, action, after.Version);
            },
        };
        if (await Append(step) != AppendOutcome.Ok)
            throw new StoreUnavailableException($"The call in {id} is run by another node now.");
    }

    /// <summary>Answers what makes no event; a command's outcome is remembered first all the same.</summary>
    private async ValueTask AnswerUnchanged(CallRequest request, byte[]? other = null)
    {
        var result = other ?? WireJson.WriteView(View(State));
        if (Outcome(request, State.Call, result) is { } outcome)
            await env.Store.PutOutcome(id, outcome);
        request.Reply.Answer(new CallReply(result));
    }

    private static CommandOutcome? Outcome(CallRequest request, CallId call, byte[] result) =>
        request.Request.Command is { } command
            ? new CommandOutcome(
                request.Caller.User,
                command,
                RememberedOutcome.Write(RequestParser.NameOf(request.Request), call, result)
            )
            : null;

    private void QuietOthers(Caller caller, ElsewhereAction action, long version) =>
        env.Outbox.ToOthers(caller.User, caller.Connection, new CallAnsweredElsewhere(id, State.Call, version, action));
}
