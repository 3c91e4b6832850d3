using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>A message for the call actor of one channel; the region finds or starts it. Those with a name go to other nodes as they are.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(DevicePresent), "device_present")]
[JsonDerivedType(typeof(DeviceGone), "device_gone")]
[JsonDerivedType(typeof(GiveUpPlace), "give_up_place")]
[JsonDerivedType(typeof(SettingsChanged), "settings_changed")]
[JsonDerivedType(typeof(RecoverCall), "recover_call")]
public interface IChannelMessage
{
    ChannelId Channel { get; }
}

/// <summary>Who asks, and from where.</summary>
/// <param name="User">The user, from the token.</param>
/// <param name="Name">Their display name, from the token.</param>
/// <param name="Device">The device that would take the media; null for REST while the user has no connection.</param>
/// <param name="Connection">The connection that would be sent the offer; null when none is there.</param>
/// <param name="AnyDevice">REST acts for the user, wherever they are; a WebSocket for its own device.</param>
public sealed record Caller(UserId User, string Name, DeviceId? Device, string? Connection, bool AnyDevice = false);

/// <summary>Takes the one answer to a request. Called by the actor itself, so what the actor sends afterwards comes after it.</summary>
public interface ICallReply
{
    void Answer(CallReply reply);

    /// <summary>Says which call the request is about, ahead of the answer; for the log and the trace, not for the client.</summary>
    void Concerns(CallId call) { }
}

/// <summary>The answer: a result as JSON, or a refusal.</summary>
/// <param name="Result">The CALL (or <c>null</c>, or nothing at all for <c>{}</c>) as UTF-8 JSON; null with a refusal.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="Call">Goes with <see cref="ErrorCode.CallAlreadyExists"/>: the CALL that exists.</param>
/// <param name="RetryAfter">Goes with <see cref="ErrorCode.RateLimited"/>.</param>
/// <param name="ErrorId">Goes with <see cref="ErrorCode.InternalError"/>: the id in its words, which stands in the log beside the cause.</param>
public sealed record CallReply(
    byte[]? Result,
    Refusal? Refusal = null,
    byte[]? Call = null,
    TimeSpan? RetryAfter = null,
    string? ErrorId = null
)
{
    public static CallReply Refuse(Refusal refusal) => new(null, refusal);
}

/// <summary>A message that is answered.</summary>
public interface IAskingMessage : IChannelMessage
{
    ICallReply Reply { get; }
}

/// <summary>A client's request about a channel, whichever way it came in.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Request">What.</param>
/// <param name="Reply">Gets the answer.</param>
/// <param name="IsPlaced">Another node has chosen this one to run the call that may come of it.</param>
public sealed record CallRequest(Caller Caller, ChannelRequest Request, ICallReply Reply, bool IsPlaced = false)
    : IAskingMessage
{
    public ChannelId Channel => Request.Channel;
}

/// <summary>The chat app changes a channel; an answer with a null refusal means done.</summary>
public sealed record ChannelChange(ChannelId Channel, ChannelEdit Edit, ICallReply Reply) : IAskingMessage;

/// <summary>What is changed.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(ReplaceChannel), "replace")]
[JsonDerivedType(typeof(PatchMembers), "patch")]
[JsonDerivedType(typeof(DeleteChannel), "delete")]
public abstract record ChannelEdit;

public sealed record ReplaceChannel(ChannelKind Kind, ImmutableArray<Member> Members) : ChannelEdit;

public sealed record PatchMembers(ImmutableArray<Member> Add, ImmutableArray<UserId> Remove) : ChannelEdit;

public sealed record DeleteChannel : ChannelEdit;

/// <summary>A device of a participant has a connection (again).</summary>
public sealed record DevicePresent(ChannelId Channel, UserId User, DeviceId Device, string Connection)
    : IChannelMessage;

/// <summary>A connection of a device is gone; <paramref name="Expired"/> when its token had ended.</summary>
public sealed record DeviceGone(ChannelId Channel, UserId User, DeviceId Device, string Connection, bool Expired)
    : IChannelMessage;

/// <summary>What the media side tells about a session of the channel's room.</summary>
public abstract record MediaMessage(ChannelId Channel, SessionId Session) : IChannelMessage;

public sealed record MediaFlows(ChannelId Channel, SessionId Session) : MediaMessage(Channel, Session);

public sealed record MediaSilent(ChannelId Channel, SessionId Session) : MediaMessage(Channel, Session);

public sealed record MediaOffered(
    ChannelId Channel,
    SessionId Session,
    int Revision,
    string Sdp,
    ImmutableArray<TrackView> Tracks
) : MediaMessage(Channel, Session);

/// <summary>The media side hears others speak in the channel's room than before; loudest first.</summary>
public sealed record SpeakersChanged(ChannelId Channel, ImmutableArray<UserId> Speakers) : IChannelMessage;

/// <summary>Asks how a channel's live call looks to a user who signs in; null when there is none for them.</summary>
public sealed record DescribeCall(ChannelId Channel, UserId User, ReplyTo<CallView?> Reply) : IChannelMessage;

/// <summary>A live call from the store: wakes its actor, which replays the journal.</summary>
public sealed record RecoverCall(ChannelId Channel) : IChannelMessage;

/// <summary>The user has moved to another call: their place here is to be given up, if it is still <paramref name="Place"/>.</summary>
public sealed record GiveUpPlace(ChannelId Channel, UserId User, SessionId Place) : IChannelMessage;

/// <summary>A call whose end is journaled and not yet told to its users' histories: finishes that.</summary>
public sealed record SettleCall(ChannelId Channel, CallId Call) : IChannelMessage;

/// <summary>A user who may be rung in this channel has new settings.</summary>
public sealed record SettingsChanged(ChannelId Channel, UserId User, CallSettings Settings) : IChannelMessage;
