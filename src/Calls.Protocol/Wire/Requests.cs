using System.Collections.Immutable;

namespace Calls.Protocol.Wire;

/// <summary>A request's <c>id</c> as its one answer repeats it: the raw JSON of a string or an integer, or null when the request had none.</summary>
public readonly record struct RequestId(string? RawJson);

/// <summary>What a client may ask. The names on the wire stand in <see cref="RequestParser"/>.</summary>
public abstract record Request;

/// <summary>Signs in, or renews the token of the same user.</summary>
public sealed record AuthenticateRequest(string Token, DeviceId? Device) : Request;

/// <summary>Asks for a sign of life.</summary>
public sealed record PingRequest : Request;

/// <summary>A request about one channel.</summary>
public abstract record ChannelRequest(ChannelId Channel) : Request
{
    /// <summary>Set by a client that may have to repeat the request; only what changes something has one.</summary>
    public CommandId? Command { get; init; }
}

public sealed record CallGetRequest(ChannelId Channel) : ChannelRequest(Channel);

public sealed record CallStartRequest(ChannelId Channel, CallMedia Media) : ChannelRequest(Channel);

public sealed record CallJoinRequest(ChannelId Channel) : ChannelRequest(Channel);

public sealed record CallDeclineRequest(ChannelId Channel) : ChannelRequest(Channel);

public sealed record CallDismissRequest(ChannelId Channel) : ChannelRequest(Channel);

public sealed record CallLeaveRequest(ChannelId Channel) : ChannelRequest(Channel);

public sealed record CallEndRequest(ChannelId Channel) : ChannelRequest(Channel);

/// <param name="Channel">Where.</param>
/// <param name="Users">Whom; null for everybody who is not in the call.</param>
public sealed record CallRingRequest(ChannelId Channel, ImmutableArray<UserId>? Users) : ChannelRequest(Channel);

public sealed record VoiceStateRequest(ChannelId Channel, VoiceChange Change) : ChannelRequest(Channel);

public sealed record MediaAnswerRequest(ChannelId Channel, SessionId Session, int Revision, string Sdp)
    : ChannelRequest(Channel);

public sealed record MediaRestartRequest(ChannelId Channel) : ChannelRequest(Channel);
