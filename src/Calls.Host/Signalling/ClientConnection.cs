using System.Net.WebSockets;
using System.Threading.Channels;
using Calls.Actors.Calls;
using Calls.Host.Auth;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Host.Signalling;

/// <summary>
/// What a client is sent, in order, without anybody waiting for it: a bounded queue that one loop writes to the socket.
/// A client that does not read is cut off when the queue is full; nobody else notices.
/// </summary>
internal sealed class ClientConnection(string id, TimeProvider time) : IDisposable
{
    /// <summary>Most messages that wait for a client: what a call of 25 makes in several seconds of turmoil.</summary>
    public const int MaxQueued = 1024;

    /// <summary>Most bytes that wait: an offer of 25 lines has 20 KiB, so fifty of them.</summary>
    public const int MaxQueuedBytes = 1024 * 1024;

    /// <summary>How long the other side may take to read what is left and to answer our close.</summary>
    public static readonly TimeSpan CloseDeadline = TimeSpan.FromSeconds(2);

    private readonly Channel<byte[]> _queue = System.Threading.Channels.Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _aborted = new(Timeout.InfiniteTimeSpan, time);
    private List<(ServerEvent Message, byte[] Frame)>? _held;
    private CloseCode? _close;
    private ToldCalls? _told;
    private int _queuedBytes;

    /// <summary>Names the connection within its node.</summary>
    public string Id => id;

    /// <summary>Who is signed in; null until then.</summary>
    public Identity? Identity { get; private set; }

    public DeviceId Device { get; private set; }

    /// <summary>Cancelled when the connection is to be dropped without another word.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>The close code that ended it, once it was closed from this side.</summary>
    public CloseCode? CloseCode => _close;

    /// <summary>Signs in. What happens from now on is held back until <see cref="Open"/>, so that <c>ready</c> comes first and nothing is missed.</summary>
    public void SignIn(Identity identity, DeviceId device)
    {
        lock (_lock)
        {
            (Identity, Device) = (identity, device);
            _held ??= [];
        }
    }

    /// <summary>Holds back what happens from now on, as for signing in; false if that is being done already, or it is over.</summary>
    public bool TryHold()
    {
        lock (_lock)
        {
            if (_held is not null || _close is not null)
                return false;
            _held = [];
            return true;
        }
    }

    /// <summary>Sends what was held back, when there will be no <c>ready</c>.</summary>
    public void Unhold()
    {
        lock (_lock)
            SendHeld(_ => true);
    }

    /// <summary>Sends <c>ready</c>, and then what was held back and is newer.</summary>
    public void Open(Ready ready)
    {
        lock (_lock)
        {
            Tell(ready, WireJson.Write(ready));
            SendHeld(message => IsNews(message, ready));
        }
    }

    private void SendHeld(Func<ServerEvent, bool> isWanted)
    {
        foreach (var (message, frame) in (_held ?? []).Where(held => isWanted(held.Message)))
            Tell(message, frame);
        _held = null;
    }

    private void Tell(ServerEvent message, byte[] frame)
    {
        Send(frame);
        Note(message);
    }

    /// <summary>The connection has started a call by itself, and been answered.</summary>
    public void NoteStart(ChannelId channel, CallId call)
    {
        lock (_lock)
            (_told ??= new ToldCalls()).Start(channel, call, time.GetTimestamp());
    }

    /// <summary>The connection has dismissed a call by itself, and been answered.</summary>
    public void NoteDismissal(ChannelId channel)
    {
        lock (_lock)
            _told?.Quiet(channel);
    }

    /// <summary>Whether it has not been told something of a call that it should know by now. One that is signing in will be.</summary>
    public bool Lacks(CallDigest digest)
    {
        lock (_lock)
            return _held is null
                && Identity is { } self
                && (_told ??= new ToldCalls()).Lacks(digest, self.UserId, time.GetTimestamp());
    }

    /// <summary>Whether it knows of a live call that was not mentioned for so long.</summary>
    public bool HasUnheardOf(TimeSpan age)
    {
        lock (_lock)
            return _held is null
                && _told?.HasUnheardOf(time.GetTimestamp() - (long)(age.TotalSeconds * time.TimestampFrequency))
                    == true;
    }

    private void Note(ServerEvent message)
    {
        if (message is CallStateEvent or Ready { Calls.IsEmpty: false } || _told is not null)
            (_told ??= new ToldCalls()).Take(message, Identity!.UserId, time.GetTimestamp());
    }

    /// <summary>Sends an event, or holds it back while the client signs in.</summary>
    public void Deliver(ServerEvent message, byte[] frame)
    {
        lock (_lock)
        {
            if (_held is null)
                Tell(message, frame);
            else if (_held.Count < MaxQueued)
                _held.Add((message, frame));
            else
                Abort();
        }
    }

    /// <summary>Sends a frame after all that was sent before; never waits, and never throws: a connection may be over by then.</summary>
    public void Send(byte[] frame)
    {
        if (Interlocked.Add(ref _queuedBytes, frame.Length) > MaxQueuedBytes || !_queue.Writer.TryWrite(frame))
        {
            if (_close is null)
                Abort();
        }
    }

    /// <summary>Closes with a code after all that was sent before.</summary>
    public void Close(CloseCode code)
    {
        lock (_lock)
        {
            if (_close is not null)
                return;
            _close = code;
        }
        _queue.Writer.TryComplete();
        Abort(CloseDeadline);
    }

    public void Dispose() => _aborted.Dispose();

    /// <summary>Writes the queue to the socket until the connection is closed.</summary>
    public async Task WriteLoop(WebSocket socket, CancellationToken cancellation)
    {
        await foreach (var frame in _queue.Reader.ReadAllAsync(cancellation))
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellation);
            Interlocked.Add(ref _queuedBytes, -frame.Length);
        }
        if (_close is { } close)
            await socket.CloseOutputAsync((WebSocketCloseStatus)close.Code, close.Reason, cancellation);
    }

    /// <summary>
    /// Cuts off, on another thread: who sends is an actor with other things to do. Whoever still holds a connection that
    /// is over may go on sending to it, and hears nothing of it.
    /// </summary>
    private void Abort(TimeSpan after = default)
    {
        try
        {
            _aborted.CancelAfter(after);
        }
        catch (ObjectDisposedException) { }
    }

    /// <summary>Whether what was held back says more than <c>ready</c> does.</summary>
    internal static bool IsNews(ServerEvent message, Ready ready)
    {
        if (message is MissedCallEvent missed)
            return ready.MissedCalls.All(known => known.CallId != missed.CallId);
        if (message is not CallStateEvent change)
            return true;
        var shown = ready.Calls.FirstOrDefault(c => c.CallId == change.CallId);
        if (shown is null || change.Version > shown.Version)
            return true;
        // These change nothing of the call, so they carry the version as it stands.
        var isPrivate =
            change is ParticipantUpdated or RingStopped or CallAnsweredElsewhere or IncomingCall { Reminder: true };
        return isPrivate && change.Version == shown.Version;
    }
}
