using System.Collections.Immutable;
using System.ComponentModel;
using Calls.Protocol.Contract;
using static Calls.Protocol.ErrorCode;

namespace Calls.Protocol.Wire;

/// <summary>A request's <c>id</c> as its one answer repeats it: the raw JSON of a string or an integer, or null when the request had none.</summary>
public readonly record struct RequestId(string? RawJson);

/// <summary>What a client may ask. The names on the wire stand in <see cref="RequestParser"/>.</summary>
public abstract record Request;

[Description("Signs the connection in, or renews the token of the same user.")]
[AnsweredBy(typeof(Ready), TokenExpired, Forbidden)]
public sealed record AuthenticateRequest(string Token, DeviceId? Device) : Request;

[Description("Asks for a sign of life.")]
[AnsweredBy(typeof(NoResult))]
public sealed record PingRequest : Request;

/// <summary>A request about one channel.</summary>
public abstract record ChannelRequest(ChannelId Channel) : Request
{
    /// <summary>Set by a client that may have to repeat the request; only what changes something has one.</summary>
    public CommandId? Command { get; init; }
}

[Description("The live call, or the one that has just ended; null without one.")]
[AnsweredBy(typeof(CallOrNoneResult), CallNotFound)]
public sealed record CallGetRequest(ChannelId Channel) : ChannelRequest(Channel);

[Description("Starts a call and rings all others who may join. A media_offer follows.")]
[AnsweredBy(
    typeof(CallResult),
    CallNotFound,
    CallAlreadyExists,
    NoRecipients,
    Forbidden,
    RateLimited,
    UserUnavailable,
    MediaUnavailable
)]
public sealed record CallStartRequest(ChannelId Channel, CallMedia Media) : ChannelRequest(Channel);

[Description("Joins the live call, or moves one's part in it to this device. A media_offer follows.")]
[AnsweredBy(typeof(CallResult), CallNotFound, CallFull, Forbidden, MediaUnavailable)]
public sealed record CallJoinRequest(ChannelId Channel) : ChannelRequest(Channel);

[Description("Says no to a ring, for all of one's devices.")]
[AnsweredBy(typeof(CallResult), CallNotFound, InvalidTransition)]
public sealed record CallDeclineRequest(ChannelId Channel) : ChannelRequest(Channel);

[Description("Quiets one's own devices; the call does not hear of it.")]
[AnsweredBy(typeof(CallResult), CallNotFound, InvalidTransition)]
public sealed record CallDismissRequest(ChannelId Channel) : ChannelRequest(Channel);

[Description("Leaves the call; the initiator who leaves while it rings cancels it.")]
[AnsweredBy(typeof(CallResult), CallNotFound, InvalidTransition)]
public sealed record CallLeaveRequest(ChannelId Channel) : ChannelRequest(Channel);

[Description("Ends the call for all; the initiator's right.")]
[AnsweredBy(typeof(CallResult), CallNotFound, Forbidden)]
public sealed record CallEndRequest(ChannelId Channel) : ChannelRequest(Channel);

/// <param name="Channel">Where.</param>
/// <param name="Users">Whom; null for everybody who is not in the call.</param>
[Description("Rings members who are not in the call; without user_ids all of them.")]
[AnsweredBy(typeof(CallResult), CallNotFound, InvalidTransition, NoRecipients, Forbidden, RateLimited)]
public sealed record CallRingRequest(ChannelId Channel, ImmutableArray<UserId>? Users) : ChannelRequest(Channel);

[Description("Changes what the asking participant has switched on; what is not named stays.")]
[AnsweredBy(typeof(CallResult), CallNotFound, InvalidTransition)]
public sealed record VoiceStateRequest(ChannelId Channel, VoiceChange Change) : ChannelRequest(Channel);

/// <summary>How everybody's media does. REST asks it, and nobody else: there is no such message.</summary>
public sealed record CallStatsRequest(ChannelId Channel) : ChannelRequest(Channel);

[Description("Answers a media_offer.")]
[AnsweredBy(typeof(NoResult), CallNotFound, InvalidTransition, StaleMedia, MediaUnavailable)]
public sealed record MediaAnswerRequest(ChannelId Channel, SessionId Session, int Revision, string Sdp)
    : ChannelRequest(Channel);

[Description("Asks for a new media session; its media_offer follows.")]
[AnsweredBy(typeof(NoResult), CallNotFound, InvalidTransition, MediaUnavailable)]
public sealed record MediaRestartRequest(ChannelId Channel) : ChannelRequest(Channel);
