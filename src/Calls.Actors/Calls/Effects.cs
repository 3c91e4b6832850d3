using System.Collections.Immutable;
using Calls.Actors.Cluster;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>Where the actors' words go: the clients' connections. Nothing that is sent blocks.</summary>
public interface IOutbox : ISender
{
    /// <summary>The newest connection of a device (of any device when null), or null.</summary>
    ValueTask<(string Connection, DeviceId Device)?> Find(UserId user, DeviceId? device);

    /// <summary>Says how a live call stands, wherever its users are connected; lost words are found by it.</summary>
    void Digest(CallDigest digest);
}

/// <summary>
/// A live call as its members should know it by now, told to their nodes every few seconds: what was lost on the way there,
/// or in a crash between append and publish, is noticed by it.
/// </summary>
/// <param name="Channel">The call's channel.</param>
/// <param name="Call">The call.</param>
/// <param name="Version">Its version.</param>
/// <param name="Users">Whose affair it is.</param>
/// <param name="Ringing">For whom of them it rings.</param>
public sealed record CallDigest(
    ChannelId Channel,
    CallId Call,
    long Version,
    ImmutableArray<UserId> Users,
    ImmutableArray<UserId> Ringing
);

/// <summary>The connections of this node's own clients.</summary>
public interface ILocalOutbox : ISender
{
    /// <summary>Compares with what the users' connections have been told, and sees to those that have missed something.</summary>
    void Compare(CallDigest digest);

    /// <summary>The newest connection of a device (of any device when null), or null.</summary>
    (string Connection, DeviceId Device)? Find(UserId user, DeviceId? device);
}

/// <summary>The one node's connections are all there are.</summary>
public sealed class SoleOutbox(ILocalOutbox local) : IOutbox
{
    public void ToUsers(
        IReadOnlyCollection<UserId> users,
        ServerEvent message,
        (UserId User, DeviceId? Device)? except = null
    ) => local.ToUsers(users, message, except);

    public void ToConnection(string connection, ServerEvent message) => local.ToConnection(connection, message);

    public void ToOthers(UserId user, string? connection, ServerEvent message) =>
        local.ToOthers(user, connection, message);

    public ValueTask<(string Connection, DeviceId Device)?> Find(UserId user, DeviceId? device) =>
        ValueTask.FromResult(local.Find(user, device));

    /// <summary>Nothing is lost within one process.</summary>
    public void Digest(CallDigest digest) { }
}

/// <summary>Says things to users' devices.</summary>
public interface ISender
{
    /// <summary>To all connections of all these users, but for one device of one of them.</summary>
    void ToUsers(
        IReadOnlyCollection<UserId> users,
        ServerEvent message,
        (UserId User, DeviceId? Device)? except = null
    );

    /// <summary>To one connection, if it is still there.</summary>
    void ToConnection(string connection, ServerEvent message);

    /// <summary>To the user's connections but one.</summary>
    void ToOthers(UserId user, string? connection, ServerEvent message);
}

/// <summary>Where media sessions are opened and closed: the SFU, seen from the call. None of it blocks; what comes back comes as a <see cref="MediaMessage"/>.</summary>
public interface IMediaSessions
{
    /// <summary>Opens a session in the channel's room; an offer follows.</summary>
    void Open(ChannelId channel, SessionId session, UserId user, VoiceFlags flags);

    /// <summary>Ends a session: from now on it receives and sends nothing.</summary>
    void Close(SessionId session);

    /// <summary>The session's successor is at another node: it goes on until its client has gone there, and nobody is told of it any more.</summary>
    void Linger(SessionId session);

    /// <summary>The channel's call is still this node's: what was held back after a standstill flows again.</summary>
    void Release(ChannelId channel);

    /// <summary>Enforces muting and deafening.</summary>
    void SetVoice(SessionId session, VoiceFlags flags);

    /// <summary>How everybody in the channel's room does, as far as they have a session; to be asked from any thread.</summary>
    IReadOnlyDictionary<UserId, ParticipantStatsView> Stats(ChannelId channel);

    /// <summary>Hands in a client's answer; null when it was taken.</summary>
    Refusal? Answer(SessionId session, int revision, string sdp);
}

/// <summary>What the actors need of the world.</summary>
public sealed record CallEnvironment
{
    public required string Node { get; init; }
    public required Persistence.ICallStore Store { get; init; }
    public required CallPolicy Policy { get; init; }
    public required IOutbox Outbox { get; init; }

    /// <summary>The other nodes.</summary>
    public ICluster Cluster { get; init; } = NoCluster.Instance;
    public required IMediaSessions Media { get; init; }
    public required TimeProvider Time { get; init; }
    public required Random Random { get; init; }
    public IWebhookReceivers Webhooks { get; init; } = NoWebhookReceivers.Instance;

    /// <summary>STUN and TURN servers as they are told to a user, with credentials of their own.</summary>
    public Func<UserId, IReadOnlyList<IceServerView>> IceServersFor { get; init; } = _ => [];

    /// <summary>What the store is called in metrics and traces.</summary>
    public string StoreName { get; init; } = "memory";

    /// <summary>Where what happens is counted; null where nobody looks.</summary>
    public Telemetry.CallMetrics? Metrics { get; init; }

    /// <summary>A new random id of 128 bits.</summary>
    public string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (Random)
            Random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
