using System.Diagnostics;
using System.Net.WebSockets;
using Calls.Actors.Calls;
using Calls.Host.Auth;
using Calls.Host.Telemetry;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Signalling;

/// <summary>One WebSocket from its first frame to its close: reads, guards, answers; what is sent goes through the <see cref="ClientConnection"/>.</summary>
internal sealed class SocketSession(
    WebSocket socket,
    HeartbeatStream stream,
    ClientConnection connection,
    Gateway gateway,
    HostMetrics metrics,
    TimeSpan heartbeat,
    TimeProvider time,
    ILogger log
)
{
    /// <summary>How long a connection may take to authenticate.</summary>
    public static readonly TimeSpan AuthenticationDeadline = TimeSpan.FromSeconds(5);

    /// <summary>How far ahead a token's end is announced: enough to fetch another one.</summary>
    public static readonly TimeSpan TokenNotice = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of the buffer that a connection at rest holds: it takes all requests but answers to offers, for which it grows.</summary>
    private const int RestingBuffer = 512;

    /// <summary>Timers take at most some weeks; a token that lives longer is looked at again.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(20);

    private static readonly Refusal NotYet = new(ErrorCode.Unauthenticated, "Authenticate first.");
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    private readonly FloodGuard _guard = new(time);
    private ITimer? _expiry;
    private bool _endAnnounced;
    private DeviceId? _device;

    /// <summary>Serves the connection until it is over. Never throws for what a client does.</summary>
    /// <param name="identity">Who the upgrade's header named, if it did.</param>
    /// <param name="device">The device from the query.</param>
    /// <param name="stopping">The service is being stopped.</param>
    public async Task Run(Identity? identity, DeviceId? device, CancellationToken stopping)
    {
        // A connection lasts for hours: what is done on it are traces of their own, not parts of the upgrade's.
        Activity.Current = null;
        _device = device;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(connection.Aborted);
        using var stop = stopping.Register(() => connection.Close(CloseCode.GoingAway));
        using var deadline = time.CreateTimer(
            _ => CloseUnlessSignedIn(),
            null,
            AuthenticationDeadline,
            Timeout.InfiniteTimeSpan
        );
        using var pulse = time.CreateTimer(_ => Beat(over.Token), null, heartbeat, heartbeat);
        var writing = connection.WriteLoop(socket, over.Token);
        try
        {
            if (identity is not null)
                await SignIn(identity, device, null);
            await ReadLoop(over.Token);
            // The other side has closed; its code is given back to it (RFC 6455 §5.5.1).
            connection.Close(new CloseCode((int)(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure), ""));
            await writing;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            log.LogDebug("{Connection} broke off: {Reason}", connection.Id, e.Message);
        }
        finally
        {
            _expiry?.Dispose();
            await over.CancelAsync();
            if (!await TryDrain())
                socket.Abort();
            await writing.ContinueWith(
                _ => { },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            await gateway.SignOut(connection);
        }
    }

    /// <summary>
    /// What breaks the framing the framework closes itself, and then reads no more: the close is to arrive nevertheless.
    /// False when the other side does not let it.
    /// </summary>
    private async Task<bool> TryDrain()
    {
        using var patience = new CancellationTokenSource(ClientConnection.CloseDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.Aborted);
        try
        {
            await stream.Drain(either.Token);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            log.LogDebug("{Connection} was gone before it had closed: {Reason}", connection.Id, e.Message);
            return false;
        }
    }

    private async Task ReadLoop(CancellationToken cancellation)
    {
        var buffer = new byte[RestingBuffer];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(2 * buffer.Length, RequestParser.MaxBytes + 1));
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            length += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
                return;
            if (received.MessageType == WebSocketMessageType.Binary)
                connection.Close(CloseCode.Binary);
            else if (length > RequestParser.MaxBytes)
                connection.Close(CloseCode.TooLarge);
            else if (received.EndOfMessage && !_guard.TryTake())
                connection.Close(CloseCode.Flooding);
            if (connection.CloseCode is not null)
            {
                // Closed from this side: what still comes is read away, so that the close arrives, and not looked at.
                length = 0;
                continue;
            }
            if (!received.EndOfMessage)
                continue;
            await Handle(buffer.AsMemory(0, length));
            length = 0;
            if (buffer.Length > RestingBuffer)
                buffer = new byte[RestingBuffer];
        }
    }

    private async Task Handle(ReadOnlyMemory<byte> message)
    {
        var (id, request, error) = RequestParser.Parse(message);
        if (error is not null)
        {
            metrics.Refused(error.Code);
            log.LogDebug("{Connection} was refused a message: {Code}", connection.Id, error.Code.ToWire());
            connection.Send(WireJson.WriteError(id, error));
            if (!_guard.TryForgive())
                connection.Close(CloseCode.Malformed);
            return;
        }
        switch (request)
        {
            case AuthenticateRequest authenticate:
                await Authenticate(id, authenticate);
                break;
            case var _ when connection.Identity is null:
                metrics.Refused(NotYet.Code);
                connection.Send(WireJson.WriteError(id, NotYet));
                break;
            case PingRequest:
                connection.Send(WireJson.WriteReply(id, EmptyObject));
                break;
            case ChannelRequest forChannel:
                var user = connection.Identity!;
                var caller = new Caller(user.UserId, user.Name, connection.Device, connection.Id);
                _ = gateway.Dispatch(caller, forChannel, Reply(id, forChannel));
                break;
        }
    }

    private async Task Authenticate(RequestId id, AuthenticateRequest request)
    {
        var (identity, refusal) = gateway.Check(request.Token);
        var known = connection.Identity;
        if (identity is not null && known is not null && known.UserId != identity.UserId)
            refusal = new Refusal(ErrorCode.Forbidden, "This connection belongs to another user: open a new one.");
        if (refusal is not null)
        {
            connection.Send(WireJson.WriteError(id, refusal));
            if (known is null)
                connection.Close(CloseCode.NotAuthenticated);
            return;
        }
        await SignIn(identity!, request.Device ?? _device, id);
    }

    private async Task SignIn(Identity identity, DeviceId? device, RequestId? id)
    {
        if (await gateway.SignIn(connection, identity, device, id) is { } refusal)
        {
            connection.Send(WireJson.WriteError(id ?? default, refusal));
            connection.Close(CloseCode.GoingAway);
            return;
        }
        _expiry?.Dispose();
        _expiry = time.CreateTimer(_ => WatchToken(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _endAnnounced = false;
        WatchToken();
    }

    /// <summary>Announces the token's end ahead of it, and closes at it.</summary>
    private void WatchToken()
    {
        var left = connection.Identity!.ExpiresAt - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            connection.Close(CloseCode.TokenExpired);
            return;
        }
        if (left <= TokenNotice && !_endAnnounced)
        {
            _endAnnounced = true;
            connection.Send(WireJson.Write(new TokenExpiring(connection.Identity.ExpiresAt)));
        }
        var wait = _endAnnounced ? left : left - TokenNotice;
        _expiry?.Change(wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    private OnceReply Reply(RequestId id, ChannelRequest request)
    {
        OnceReply? once = null;
        return once = new OnceReply(reply =>
        {
            Answer(id, reply);
            // What it did itself is no news to it, so no event tells it.
            if (reply.Refusal is not null)
                return;
            if (request is CallStartRequest && once!.Outcome.Call is { } call)
                connection.NoteStart(request.Channel, call);
            else if (request is CallDismissRequest)
                connection.NoteDismissal(request.Channel);
        });
    }

    private void Answer(RequestId id, CallReply reply) =>
        connection.Send(
            reply.Refusal is { } refusal
                ? WireJson.WriteError(id, refusal, reply.Call, (int?)reply.RetryAfter?.TotalMilliseconds)
                : WireJson.WriteReply(id, ResultOf(reply))
        );

    /// <summary>A CALL stands under <c>call</c>; <c>{}</c> stands alone.</summary>
    private static byte[] ResultOf(CallReply reply) =>
        reply.Result is null || reply.Result.AsSpan().SequenceEqual(EmptyObject)
            ? EmptyObject
            : [.. "{\"call\":"u8, .. reply.Result, (byte)'}'];

    private void CloseUnlessSignedIn()
    {
        if (connection.Identity is null)
            connection.Close(CloseCode.NotAuthenticated);
    }

    private void Beat(CancellationToken cancellation)
    {
        if (stream.Unanswered >= 2)
        {
            connection.Close(CloseCode.Silent);
            return;
        }
        _ = SendPing(cancellation);
    }

    private async Task SendPing(CancellationToken cancellation)
    {
        try
        {
            await stream.SendPing(cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            log.LogDebug("{Connection}: no ping could be sent: {Reason}", connection.Id, e.Message);
        }
    }
}
