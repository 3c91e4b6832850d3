using System.Collections.Immutable;
using Calls.Actors.Kernel;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>The device of a participant takes the media, newly or instead of another device or connection.</summary>
internal sealed record TakeSeat(DeviceId? Device, string? Connection, VoiceFlags Flags, long Version);

/// <summary>The participant's switches changed.</summary>
internal sealed record SwitchVoice(VoiceFlags Flags);

/// <summary>Who speaks in the call now.</summary>
internal sealed record HearSpeakers(ImmutableArray<UserId> Speakers);

/// <summary>The call goes on at another node: the media flows here until it does there.</summary>
internal sealed record LetLinger;

/// <summary>A client's answer to an offer.</summary>
internal sealed record AnswerOffer(MediaAnswerRequest Request, ICallReply Reply);

/// <summary>To the call: how the participant's connection is seen now, and which device and connection hold the place.</summary>
internal sealed record SeatChanged(
    UserId User,
    IActorRef Session,
    ConnectionState Connection,
    DeviceId? Device,
    string? Holder
);

/// <summary>To the call: the participant did not come back in time.</summary>
internal sealed record GraceOver(UserId User, IActorRef Session);

/// <summary>
/// One participant's presence in a call: the device and connection that hold it, its media session, and the clock that
/// runs while both are gone. Nothing of it is journaled: at recovery everybody is looked for anew, with a full grace.
/// </summary>
/// <param name="channel">The call's channel.</param>
/// <param name="call">The call.</param>
/// <param name="user">The participant.</param>
/// <param name="seat">Who holds the place at first.</param>
/// <param name="seen">How the call shows the participant's connection until it hears otherwise from here.</param>
/// <param name="env">What the call lives in.</param>
internal sealed class SessionActor(
    ChannelId channel,
    CallId call,
    UserId user,
    TakeSeat seat,
    ConnectionState seen,
    CallEnvironment env
) : Actor
{
    private enum Media
    {
        /// <summary>No session, or one that has fallen silent.</summary>
        None,

        /// <summary>Offered; nothing has come yet.</summary>
        Offered,
        Flowing,
    }

    private const string GraceTimer = "grace";

    private VoiceFlags _flags = seat.Flags;
    private DeviceId? _device = seat.Device;
    private string? _connection;
    private bool _expired;
    private SessionId? _session;
    private Media _media;
    private bool _mediaWas;
    private bool _offerWhenSilent;
    private MediaOfferEvent? _unanswered;
    private ImmutableArray<UserId>? _speakers;
    private ConnectionState _told = seen;
    private string? _toldHolder = seat.Connection;
    private bool _graceRuns;

    protected internal override async ValueTask PreStart()
    {
        // The connection that asked may be gone by now, and at recovery (or after a crash) nobody asked.
        if (await env.Outbox.Find(user, _device) is { } found)
            (_connection, _device) = (
                found.Device == seat.Device ? seat.Connection ?? found.Connection : found.Connection,
                found.Device
            );
        if (_connection is not null)
            Offer();
        Settle(tell: _device != seat.Device);
    }

    protected internal override ValueTask PostStop()
    {
        CloseMedia();
        return ValueTask.CompletedTask;
    }

    protected internal override async ValueTask Receive(object message)
    {
        switch (message)
        {
            case TakeSeat take:
                Take(take);
                break;
            case DevicePresent present when _device is null || _device == present.Device:
                await Present(present);
                break;
            case DeviceGone gone when _connection == gone.Connection:
                await Gone(gone);
                break;
            case MediaMessage media when media.Session == _session:
                Hear(media);
                break;
            case SwitchVoice change:
                _flags = change.Flags;
                if (_session is { } session)
                    env.Media.SetVoice(session, _flags);
                return;
            case HearSpeakers heard:
                _speakers = heard.Speakers;
                TellSpeakers();
                return;
            case LetLinger:
                Linger();
                return;
            case AnswerOffer answer:
                Answer(answer);
                return;
            case GraceExpired when _graceRuns:
                Context.Parent!.Tell(new GraceOver(user, Context.Self));
                return;
        }
        Settle(tell: false);
    }

    private sealed record GraceExpired;

    private void Take(TakeSeat take)
    {
        if (_connection is { } old && old != take.Connection)
            env.Outbox.ToConnection(old, new CallAnsweredElsewhere(channel, call, take.Version, ElsewhereAction.Moved));
        (_device, _connection, _flags, _expired) = (take.Device ?? _device, take.Connection, take.Flags, false);
        CloseMedia();
        if (_connection is not null)
            Offer();
        TellSpeakers();
    }

    private async ValueTask Present(DevicePresent present)
    {
        // A second tab of the same device is no reason to take the media from the first.
        if (
            _connection is not null
            && !_expired
            && _media != Media.None
            && await env.Outbox.Find(user, _device) is not null
        )
            return;
        (_device, _connection, _expired) = (present.Device, present.Connection, false);
        TellSpeakers();
        if (_media == Media.None)
        {
            Offer();
            return;
        }
        // What flowed while the connection was away flows on; a page that was loaded anew has lost it, and shows that by silence.
        _offerWhenSilent = true;
        if (_unanswered is { } offer)
            env.Outbox.ToConnection(present.Connection, offer);
    }

    private async ValueTask Gone(DeviceGone gone)
    {
        _expired = gone.Expired;
        _connection = (await env.Outbox.Find(user, _device))?.Connection;
        if (_connection is null)
            return;
        _expired = false;
        _offerWhenSilent = true;
        // The next connection was there before the end of this one was noticed: it has not been told what was asked.
        if (_unanswered is { } offer)
            env.Outbox.ToConnection(_connection, offer);
        TellSpeakers();
    }

    private void Hear(MediaMessage media)
    {
        switch (media)
        {
            case MediaOffered offered:
                _unanswered = new MediaOfferEvent(
                    channel,
                    call,
                    offered.Session,
                    offered.Revision,
                    offered.Sdp,
                    offered.Tracks,
                    [.. env.IceServersFor(user)]
                );
                if (_connection is { } connection)
                    env.Outbox.ToConnection(connection, _unanswered);
                break;
            case MediaFlows:
                (_media, _mediaWas, _offerWhenSilent) = (Media.Flowing, true, false);
                break;
            case MediaSilent when _offerWhenSilent && _connection is not null:
                Offer();
                break;
            case MediaSilent:
                _media = Media.None;
                break;
        }
    }

    /// <summary>Also to a connection that takes the place of another: what that one knew may be old.</summary>
    private void TellSpeakers()
    {
        if (_connection is { } connection && _speakers is { } speakers)
            env.Outbox.ToConnection(connection, new ActiveSpeakers(channel, call, speakers));
    }

    private void Answer(AnswerOffer answer)
    {
        var request = answer.Request;
        var refusal =
            request.Session == _session
                ? env.Media.Answer(request.Session, request.Revision, request.Sdp)
                : new Refusal(
                    ErrorCode.StaleMedia,
                    "This media session is not the current one: wait for its media_offer."
                );
        if (refusal is null && _unanswered?.Revision == request.Revision)
            _unanswered = null;
        answer.Reply.Answer(refusal is null ? new CallReply(null) : CallReply.Refuse(refusal));
    }

    private void Offer()
    {
        CloseMedia();
        var session = new SessionId(env.NewId());
        (_session, _media) = (session, Media.Offered);
        env.Media.Open(channel, session, user, _flags);
    }

    private void Linger()
    {
        if (_session is { } session)
            env.Media.Linger(session);
        _session = null;
    }

    private void CloseMedia()
    {
        if (_session is { } session)
            env.Media.Close(session);
        (_session, _media, _unanswered, _offerWhenSilent) = (null, Media.None, null, false);
    }

    /// <summary>Tells the call what has changed, and lets the grace run exactly while connection and media are both gone.</summary>
    private void Settle(bool tell)
    {
        var flows = _media == Media.Flowing && !_expired;
        var state =
            flows || (_connection is not null && _mediaWas) ? ConnectionState.Connected
            : _connection is not null ? ConnectionState.Connecting
            : ConnectionState.Reconnecting;
        if (state != _told || _connection != _toldHolder || tell)
            Context.Parent!.Tell(new SeatChanged(user, Context.Self, state, _device, _connection));
        (_told, _toldHolder) = (state, _connection);
        var runs = state == ConnectionState.Reconnecting;
        if (runs && !_graceRuns)
            Context.Timers.StartSingleTimer(GraceTimer, new GraceExpired(), env.Policy.ReconnectGrace);
        else if (!runs && _graceRuns)
            Context.Timers.Cancel(GraceTimer);
        _graceRuns = runs;
    }
}
