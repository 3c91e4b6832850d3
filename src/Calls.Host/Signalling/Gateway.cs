using System.Collections.Immutable;
using Calls.Actors.Calls;
using Calls.Actors.Kernel;
using Calls.Actors.Persistence;
using Calls.Host.Auth;
using Calls.Host.Nodes;
using Calls.Host.Telemetry;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Signalling;

/// <summary>
/// Between clients and call actors, for WebSocket and REST alike: signs connections in and out, and hands requests on.
/// It decides nothing.
/// </summary>
internal sealed class Gateway(
    CallNode node,
    Connections connections,
    TokenValidator tokens,
    CommandObserver observer,
    TimeProvider time,
    ILogger<Gateway> log
)
{
    /// <summary>How long a request may take before it is answered with an error: several times what a slow disk needs.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>How soon it is tried again to tell that somebody is gone while the store does not answer.</summary>
    private static readonly TimeSpan SignOutRetry = TimeSpan.FromSeconds(1);

    private readonly IdSource _ids = new();

    /// <summary>Whether a token is good, and whose it is; else what the client hears.</summary>
    public (Identity? Identity, Refusal? Refusal) Check(string? token)
    {
        switch (tokens.Validate(token))
        {
            case TokenResult.Accepted accepted:
                return (accepted.Identity, null);
            case TokenResult.Expired:
                return (null, new Refusal(ErrorCode.TokenExpired, TokenResult.ExpiredMessage));
            case TokenResult.Refused refused:
                log.LogDebug("A token was refused: {Reason}", refused.Reason);
                return (null, new Refusal(ErrorCode.Unauthenticated, TokenResult.RefusedMessage));
            default:
                throw new InvalidOperationException("Unknown token result.");
        }
    }

    /// <summary>Signs a connection in, or (for the same user) renews its token; <c>ready</c> follows.</summary>
    /// <returns>Null, or what the client hears when what is live could not be read.</returns>
    public async Task<Refusal?> SignIn(ClientConnection connection, Identity identity, DeviceId? device, RequestId? id)
    {
        var renewed = connection.Identity is not null;
        connection.SignIn(identity, renewed ? connection.Device : device ?? new DeviceId($"d-{_ids.Next(8)}"));
        Refusal? refusal = null;
        var outcome = new CommandResult();
        await observer.Observe(
            Command.SignIn(identity.UserId, connection.Device, connection.Id),
            outcome,
            async () =>
            {
                try
                {
                    await MakeReady(connection, identity, renewed, id);
                }
                catch (Exception e) when (e is StoreUnavailableException or AskFailedException)
                {
                    refusal = Fail(e, outcome, "The service cannot sign you in at this moment: reconnect");
                }
            }
        );
        return refusal;
    }

    /// <summary>Tells a connection the whole state again: something that it should know was lost on the way.</summary>
    public async Task TellAgain(ClientConnection connection)
    {
        if (connection.Identity is not { } identity || !connection.TryHold())
            return;
        try
        {
            await MakeReady(connection, identity, renewed: true, id: null);
        }
        catch (Exception e) when (e is StoreUnavailableException or AskFailedException)
        {
            log.LogWarning("{Connection} could not be told what it missed: {Reason}", connection.Id, e.Message);
            connection.Unhold();
        }
    }

    private async Task MakeReady(ClientConnection connection, Identity identity, bool renewed, RequestId? id)
    {
        // From here on the connection hears of every change; what comes before `ready` is held back.
        if (!renewed)
        {
            connections.Add(connection);
            await node.Presence.Note(identity.UserId, connection.Device, connection.Id, time.GetUtcNow());
        }
        var calls = await LiveCalls(identity.UserId);
        var missed = await node.Store.ListUserCalls(
            identity.UserId,
            UserCallFilter.Unseen,
            before: null,
            Ready.MaxMissedCalls
        );
        connection.Open(
            new Ready
            {
                Id = id,
                UserId = identity.UserId,
                DeviceId = connection.Device,
                ServerTime = time.GetUtcNow(),
                HeartbeatMs = (int)node.Settings.Policy.Heartbeat.TotalMilliseconds,
                IceServers = [.. node.IceServers.For(identity.UserId)],
                Calls = calls,
                MissedCalls = [.. missed.Select(HistoryViews.Missed)],
            }
        );
        if (await node.Store.GetCurrentCall(identity.UserId) is { } current)
            node.Region.Tell(new DevicePresent(current.Channel, identity.UserId, connection.Device, connection.Id));
    }

    /// <summary>A connection is gone. When its token had ended, flowing media does not keep its user in the call.</summary>
    public async Task SignOut(ClientConnection connection)
    {
        if (connection.Identity is not { } identity)
            return;
        connections.Remove(connection);
        if (!await TrySignOut(connection, identity.UserId))
            _ = KeepSigningOut(connection, identity.UserId);
    }

    /// <summary>Whoever is in a call would stay there for ever if nobody told it that they are gone.</summary>
    private async Task KeepSigningOut(ClientConnection connection, UserId user)
    {
        do await Task.Delay(SignOutRetry, time);
        while (!await TrySignOut(connection, user));
    }

    private async Task<bool> TrySignOut(ClientConnection connection, UserId user)
    {
        try
        {
            await node.Presence.Forget(user, connection.Id);
            var expired = connection.CloseCode == CloseCode.TokenExpired;
            if (await node.Store.GetCurrentCall(user) is { } current)
                node.Region.Tell(new DeviceGone(current.Channel, user, connection.Device, connection.Id, expired));
            return true;
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning("{User} is gone, and where they were could not be read yet: {Reason}", user, e.Message);
            return false;
        }
    }

    /// <summary>Hands a request to the channel's call actor. The reply gets exactly one answer, whatever happens.</summary>
    public Task Dispatch(Caller caller, ChannelRequest request, OnceReply reply) =>
        observer.Observe(
            Command.Of(caller, request),
            reply.Outcome,
            () => Ask(to => new CallRequest(caller, request, reply.And(to)), reply)
        );

    /// <summary>Hands a change of a channel to its call actor.</summary>
    public Task Dispatch(UserId user, ChannelId channel, ChannelEdit edit, OnceReply reply) =>
        observer.Observe(
            Command.Of(user, channel, edit),
            reply.Outcome,
            () => Ask(to => new ChannelChange(channel, edit, reply.And(to)), reply)
        );

    private async Task Ask(Func<ReplyTo<bool>, object> message, OnceReply reply)
    {
        try
        {
            await node.Region.Ask(message, Deadline);
        }
        catch (AskFailedException e)
        {
            var refusal = Fail(e, reply.Outcome, "Something went wrong; try again");
            // The actor may have answered meanwhile: then that counts.
            reply.Answer(new CallReply(null, refusal, ErrorId: reply.Outcome.ErrorId));
        }
    }

    /// <summary>What a client hears of a fault of ours: an id, which stands in the log beside the cause.</summary>
    private Refusal Fail(Exception fault, CommandResult outcome, string words)
    {
        var id = _ids.Next(4);
        log.LogError(fault, "A request failed (error {ErrorId})", id);
        (outcome.Error, outcome.ErrorId) = (ErrorCode.InternalError, id);
        return new Refusal(ErrorCode.InternalError, $"{words} (error {id}).");
    }

    private async Task<ImmutableArray<CallView>> LiveCalls(UserId user)
    {
        var channels = await node.Store.LiveChannels(user);
        var views = await Task.WhenAll(
            channels.Select(c => node.Region.Ask<CallView?>(to => new DescribeCall(c, user, to), Deadline))
        );
        return [.. views.OfType<CallView>()];
    }
}
