using System.Collections.Immutable;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Actors.Telemetry;
using Calls.Protocol;
using Calls.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Calls;

/// <summary>To the region: this actor has nothing left to do after so many messages; if none is on its way, it may go.</summary>
internal sealed record Passivate(ChannelId Channel, IActorRef Self, long Handled);

/// <summary>From the region, where the two counts differ (the actor was restarted): all that was handed on before this is handled.</summary>
internal sealed record HandledSoFar(long Count);

/// <summary>
/// The live call of one channel: its journal is the truth, its state the replay of it. It supervises one
/// <see cref="SessionActor"/> per participant. The way of a command is one straight line: look up its command_id,
/// decide, append, apply, answer, publish.
/// </summary>
internal sealed partial class CallActor(ChannelId id, CallEnvironment env) : Actor
{
    private const string DeadlineTimer = "deadline";
    private const string IdleTimer = "idle";

    /// <summary>How soon a deadline that could not be journaled is tried again.</summary>
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(1);

    private readonly CallJournal _journal = new(id, env);
    private readonly SteadyClock _clock = new(env.Time);
    private readonly Announcer _announcer = new(env.Outbox);
    private readonly Ringer _ringer = new(id, env);
    private readonly CallHistory _history = new(id, env);
    private readonly WebhookWriter _webhooks = new(id, env);
    private readonly StartLimits _startLimits = new(env);
    private readonly Dictionary<UserId, Seat> _seats = [];

    /// <summary>Connections whose media a newer one of the same user took over: a leave from there is an old session's (S9).</summary>
    private readonly HashSet<string> _overtaken = [];
    private readonly Queue<Func<ValueTask>> _chores = [];
    private readonly LiveCall? _gauge = env.Metrics?.Live.Enter();
    private Channel? _channel;
    private ImmutableArray<UserId> _speakers = [];
    private long _handled;
    private long _doubts;
    private bool _isRecovered;

    /// <summary>A participant's place: their session actor, the place's own id (an old place's end is ignored), the device and connection that hold it, and how it is seen.</summary>
    private sealed record Seat(
        IActorRef Session,
        SessionId Place,
        DeviceId? Device,
        string? Holder,
        ConnectionState Connection
    );

    private sealed record DeadlinePassed;

    private sealed record Idle;

    private CallState State => _journal.State;

    private IReadOnlyCollection<UserId> Audience =>
        [.. (_channel?.Members ?? []).Where(m => m.CanRead).Select(m => m.UserId)];

    protected internal override ValueTask PreStart()
    {
        Context.Timers.StartSingleTimer(IdleTimer, new Idle(), env.Policy.EndedReadable);
        return ValueTask.CompletedTask;
    }

    protected internal override ValueTask PostStop()
    {
        _gauge?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected internal override async ValueTask Receive(object message)
    {
        if (message is IChannelMessage)
            _handled++;
        if (message is Doubted || env.Cluster.IsInDoubt(ref _doubts))
            _journal.Doubt();
        try
        {
            // Who speaks is decided by nobody, so it needs no journal to be told.
            if (message is not (Idle or SpeakersChanged or HandedOver))
                await Refresh();
            await Handle(message);
        }
        catch (CallMovedException e)
        {
            StepAside(e.Home, message);
        }
        catch (StoreUnavailableException e)
        {
            FailFor(message, e);
        }
        _gauge?.Show(State.Status);
        if (!State.IsLive && message is not Idle)
            Context.Timers.StartSingleTimer(IdleTimer, new Idle(), env.Policy.EndedReadable);
    }

    private async ValueTask Handle(object message)
    {
        switch (message)
        {
            case CallRequest request:
                await Handle(request);
                break;
            case ChannelChange change:
                await Handle(change);
                break;
            case DescribeCall asked:
                asked.Reply.Tell(Describe(asked.User));
                break;
            case DevicePresent or DeviceGone or MediaMessage:
                PassOn(message);
                break;
            case SpeakersChanged changed:
                TellSpeakers(changed);
                break;
            case SeatChanged changed when IsSeated(changed.User, changed.Session):
                await Handle(changed);
                break;
            case GraceOver over when IsSeated(over.User, over.Session):
                await Commit(new LeaveCall(_clock.Now(), over.User, LeaveCause.Disconnected));
                break;
            case GiveUpPlace given when _seats.TryGetValue(given.User, out var seat) && seat.Place == given.Place:
                await Commit(new LeaveCall(_clock.Now(), given.User, LeaveCause.Moved));
                break;
            case DeadlinePassed:
                await PassTime();
                break;
            case DigestDue:
                TellDigest();
                break;
            case MoveAway when State.IsLive:
                await GiveAway();
                break;
            case HandedOver handed:
                await SeeThrough(handed);
                break;
            case NodesLost lost:
                Lose(lost);
                break;
            case SettingsChanged changed when State.IsLive:
                _ringer.Follow(State, changed.User, changed.Settings, _clock.Now());
                break;
            case SettleCall ended:
                await _history.Resettle(ended.Call);
                break;
            case HandledSoFar counted:
                _handled = counted.Count;
                break;
            case Idle when !State.IsLive:
                _journal.Rest();
                Context.Parent!.Tell(new Passivate(id, Context.Self, _handled));
                Context.Timers.StartSingleTimer(IdleTimer, new Idle(), env.Policy.EndedReadable);
                break;
        }
    }

    /// <summary>To the participants' sessions, which need no journal for it.</summary>
    private void PassOn(object message)
    {
        switch (message)
        {
            case DevicePresent present when _seats.TryGetValue(present.User, out var seat):
                seat.Session.Tell(present);
                break;
            case DeviceGone gone when _seats.TryGetValue(gone.User, out var seat):
                _overtaken.Remove(gone.Connection);
                seat.Session.Tell(gone);
                break;
            case MediaMessage media:
                // A session id is random and known to one session actor: the others ignore it.
                foreach (var seat in _seats.Values)
                    seat.Session.Tell(media);
                break;
        }
    }

    private bool IsSeated(UserId user, IActorRef session) =>
        _seats.TryGetValue(user, out var seat) && seat.Session == session;

    /// <summary>Decide, append, apply, publish: for what nobody waits for an answer to.</summary>
    private async ValueTask Commit(CallCommand command)
    {
        var decision = State.Decide(command, env.Policy);
        if (!decision.Events.IsEmpty)
            await Append(new CallStep(decision.Events));
    }

    /// <summary>Journals events and makes them known; what each changed is published in order.</summary>
    /// <returns>Nothing has happened unless it is <see cref="AppendOutcome.Ok"/>; the state is up to date in any case.</returns>
    private async ValueTask<AppendOutcome> Append(CallStep step)
    {
        var events = step.Events;
        var before = events[0] is CallStarted ? CallState.Empty : State;
        var after = events.Aggregate(before, (s, e) => s.Apply(e));
        var rings =
            step.Rings
            ?? (
                events.OfType<MembersRung>().FirstOrDefault() is { } rung
                    ? await _ringer.Prepare(after, rung.Users)
                    : []
            );
        var ended = after.IsLive ? null : EndedCall.Of(after, View(after), _ringer.MissedBy(after));
        var audience = Audience;
        var history = ended is null ? null : CallHistory.EntryOf(ended);
        var outcome = await _journal.Append(step, history, WebhooksOf(events, after, rings, ended));
        if (outcome != AppendOutcome.Ok)
        {
            await Refresh();
            return outcome;
        }
        step.Answer?.Invoke();
        foreach (var happened in events)
        {
            env.Metrics?.Happened(before, happened, env.Policy);
            var now = before.Apply(happened);
            Follow(happened, before, now);
            _announcer.Announce(happened, now, [.. audience.Union(Leaving(happened))], step.Starter, SeenConnection);
            before = now;
        }
        _ringer.Begin(after, rings);
        await DoChores();
        if (ended is not null)
            await Close(ended);
        if (events[0] is CallStarted)
            BeginDigests();
        WatchDeadline();
        return AppendOutcome.Ok;
    }

    /// <summary>What the chat app's backend is told of these events.</summary>
    private List<WebhookMessage> WebhooksOf(
        ImmutableArray<CallEvent> events,
        CallState after,
        Dictionary<UserId, Ring> rings,
        EndedCall? ended
    )
    {
        List<WebhookMessage> webhooks = [];
        if (events[0] is CallStarted)
            webhooks.AddRange(_webhooks.Started(after, Audience, rings));
        if (ended is not null)
            webhooks.AddRange(_webhooks.Ended(after, ended, Audience, ended.MissedBy.Where(u => !_ringer.IsNoted(u))));
        return webhooks;
    }

    private static UserId[] Leaving(CallEvent happened) =>
        happened switch
        {
            ParticipantLeft e => [e.User],
            _ => [],
        };

    /// <summary>What an event means for the participants' seats and the targets' rings.</summary>
    private void Follow(CallEvent happened, CallState before, CallState after)
    {
        switch (happened)
        {
            case ParticipantJoined e:
                Forgive(e.User);
                break;
            case CallDeclined e:
                Forgive(e.User);
                break;
            case ParticipantLeft e:
                Unseat(e.User);
                break;
            case TargetRemoved e:
                _ringer.Remove(before, e.User, after.Version, _clock.Now());
                break;
            case VoiceChanged e when _seats.TryGetValue(e.User, out var seat):
                seat.Session.Tell(new SwitchVoice(e.Flags));
                break;
        }

        // Who answers after all has not missed the call.
        void Forgive(UserId user)
        {
            if (_ringer.IsNoted(user))
                _chores.Enqueue(() => _history.Forgive(after, user));
        }
    }

    /// <summary>The call is over: nobody sits in it any more, and signing in no longer mentions it.</summary>
    private async ValueTask Close(EndedCall ended)
    {
        foreach (var user in _seats.Keys.ToArray())
            Unseat(user);
        _speakers = [];
        if (_channel is { } channel)
            _chores.Enqueue(() => env.Store.RemoveLive(id, [.. channel.Members.Select(m => m.UserId)]));
        await DoChores();
        try
        {
            await _history.Settle(ended, user => ValueTask.FromResult(_ringer.IsNoted(user)));
        }
        catch (StoreUnavailableException e)
        {
            FailFor(new SettleCall(id, ended.Call.CallId), e);
        }
        _ringer.Clear();
    }

    /// <summary>What is left to do when everybody has been told. If it fails, whoever comes upon what is left there sees that it is old.</summary>
    private async ValueTask DoChores()
    {
        while (_chores.TryDequeue(out var chore))
        {
            try
            {
                await chore();
            }
            catch (StoreUnavailableException e)
            {
                Context.Log.LogWarning(e, "Call {Channel}: the store is unavailable, and something stays untidy", id);
            }
        }
    }

    private void Sit(UserId user, SessionId place, TakeSeat take, ConnectionState seen)
    {
        var call = State.Call;
        var session = Context.Spawn($"session-{user}-{place}", () => new SessionActor(id, call, user, take, seen, env));
        _seats[user] = new Seat(session, place, take.Device, take.Connection, seen);
        Hold(take.Connection);
        if (!_speakers.IsEmpty)
            session.Tell(new HearSpeakers(_speakers));
    }

    /// <summary>The connection holds the media from now on, and another one (if one did) no longer.</summary>
    private void Hold(string? connection, string? instead = null)
    {
        if (instead is not null)
            _overtaken.Add(instead);
        if (connection is not null)
            _overtaken.Remove(connection);
    }

    /// <summary>To those in the call. What comes late, when somebody has left or the call is over, names nobody who is gone.</summary>
    private void TellSpeakers(SpeakersChanged changed)
    {
        _speakers = [.. changed.Speakers.Where(_seats.ContainsKey)];
        foreach (var seat in _seats.Values)
            seat.Session.Tell(new HearSpeakers(_speakers));
    }

    private void Unseat(UserId user)
    {
        if (!_seats.Remove(user, out var seat))
            return;
        _speakers = _speakers.Remove(user);
        Context.Stop(seat.Session);
        var place = new CurrentCall(id, State.Call, seat.Place, seat.Device);
        _chores.Enqueue(async () => await env.Store.SwapCurrentCall(user, place, null));
    }

    private async ValueTask Handle(SeatChanged changed)
    {
        var seat = _seats[changed.User];
        if (seat.Device != changed.Device)
            await env.Store.SwapCurrentCall(
                changed.User,
                new CurrentCall(id, State.Call, seat.Place, seat.Device),
                new CurrentCall(id, State.Call, seat.Place, changed.Device)
            );
        _seats[changed.User] = seat with
        {
            Device = changed.Device,
            Holder = changed.Holder,
            Connection = changed.Connection,
        };
        if (seat.Connection != changed.Connection)
            TellConnection(changed.User);
    }

    private void TellConnection(UserId user)
    {
        if (State.FindParticipant(user) is not { } participant)
            return;
        var view = VoiceStateView.Of(participant, SeenConnection(user));
        env.Outbox.ToUsers(Audience, new ParticipantUpdated(id, State.Call, State.Version, view));
    }

    private ConnectionState SeenConnection(UserId user) =>
        _seats.TryGetValue(user, out var seat) ? seat.Connection : ConnectionState.Connecting;

    private CallView? Describe(UserId user) =>
        State.IsLive && _channel?.Find(user) is { CanRead: true }
            ? View(State) with
            {
                Ringing = _ringer.IsHeard(State, user, _clock.Now()),
            }
            : null;

    private CallView View(CallState state) => CallView.Of(state, _clock.Now(), SeenConnection);

    private async ValueTask PassTime()
    {
        // One moment for both: the last ring's end is the call's, and not a ring's alone.
        var now = _clock.Now();
        await Commit(new PassTime(now));
        foreach (var user in State.IsLive ? _ringer.Tick(State, now) : [])
        {
            await _history.Miss(State, user);
            _ringer.Note(user);
        }
        WatchDeadline();
    }

    private void WatchDeadline()
    {
        var ring = State.IsLive ? _ringer.NextMoment(State) : null;
        if ((State.NextDeadline() is { } end && !(ring < end) ? end : ring) is not { } deadline)
        {
            Context.Timers.Cancel(DeadlineTimer);
            return;
        }
        var wait = deadline - _clock.Now();
        Context.Timers.StartSingleTimer(DeadlineTimer, new DeadlinePassed(), wait > TimeSpan.Zero ? wait : StoreRetry);
    }

    private void FailFor(object message, StoreUnavailableException e)
    {
        var error = env.NewId()[..8];
        Context.Log.LogError(
            e,
            "Call {Channel}: the store is unavailable (error {ErrorId}, {Message})",
            id,
            error,
            message.GetType().Name
        );
        if (message is IAskingMessage asked)
        {
            asked.Reply.Answer(
                CallReply.Refuse(
                    new Refusal(
                        ErrorCode.InternalError,
                        $"The service could not store this; try again (error {error})."
                    )
                ) with
                {
                    ErrorId = error,
                }
            );
        }
        else if (message is DevicePresent or DeviceGone or MediaMessage)
        {
            // Who is there and whose media flows is true whatever the store says.
            PassOn(message);
        }
        else if (message is SeatChanged seat)
        {
            Context.Timers.StartSingleTimer($"retry-seat-{seat.User}", message, StoreRetry); // the newest replaces older ones
        }
        else if (message is HandedOver or DeadlinePassed or GraceOver or GiveUpPlace or SettleCall)
        {
            Context.Timers.StartSingleTimer($"retry-{message.GetType().Name}-{error}", message, StoreRetry);
        }
    }
}
