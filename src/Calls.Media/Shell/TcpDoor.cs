using System.Net.Sockets;
using System.Runtime.InteropServices;
using Calls.Media.Ice;
using Calls.Media.Stun;
using Calls.Media.Tcp;

namespace Calls.Media.Shell;

/// <summary>The thread that accepts TCP connections (RFC 6544) and keeps strangers away from the forwarding thread: only a connection whose first packet is an authentic check of an open session gets through.</summary>
internal sealed unsafe class TcpDoor : IDisposable
{
    private const int AcceptedPerTurn = 64;

    // When there are no descriptors left, waiting is all that helps; the kernel holds the callers meanwhile.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private readonly LibC.PollEntry[] _entries = new LibC.PollEntry[1 + TcpLimits.MaxStrangers];
    private readonly List<Stranger> _strangers = [];
    private readonly Stack<Stranger> _spare = [];
    private readonly TcpQuota _strangersQuota = new(TcpLimits.MaxStrangers, TcpLimits.MaxStrangersPerAddress);
    private readonly Socket _listener;
    private readonly WireAddress _addresses;
    private readonly KnownSessions _sessions;
    private readonly TcpQuota _quota;
    private readonly TcpCounters _counters;
    private readonly Func<TimeSpan> _now;
    private readonly Action<TcpConnection> _admit;
    private readonly Action<MediaNotice> _report;
    private TimeSpan _restUntil;
    private uint _number;
    private volatile bool _stopping;

    public TcpDoor(
        Socket listener,
        KnownSessions sessions,
        TcpQuota quota,
        TcpCounters counters,
        Func<TimeSpan> now,
        Action<TcpConnection> admit,
        Action<MediaNotice> report
    )
    {
        (_listener, _sessions, _quota, _counters) = (listener, sessions, quota, counters);
        (_now, _admit, _report) = (now, admit, report);
        _addresses = new WireAddress(listener.AddressFamily);
    }

    public void Run()
    {
        while (!_stopping)
        {
            try
            {
                Turn();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                _report(new MediaNotice("Accepting TCP connections failed.", Error: error));
            }
        }
    }

    /// <summary>Nobody is let in any more, and <see cref="Run"/> comes back.</summary>
    public void Stop()
    {
        _stopping = true;
        _ = LibC.shutdown(_listener.SafeHandle, LibC.StopReading); // wakes the thread
    }

    /// <inheritdoc/>
    public void Dispose() => _strangers.ForEach(stranger => stranger.Socket?.Dispose());

    private void Turn()
    {
        Wait();
        var now = _now();
        for (var i = _strangers.Count - 1; i >= 0; i--)
        {
            var stranger = _strangers[i];
            var isDone = _entries[1 + i].Happened != 0 && IsDone(stranger);
            if (isDone || now >= stranger.Until)
            {
                Release(i);
            }
        }
        if (_entries[0].Happened != 0)
        {
            Accept(now);
        }
    }

    private void Wait()
    {
        var now = _now();
        var next = TimeSpan.MaxValue;
        _entries[0] = new LibC.PollEntry { Descriptor = (int)_listener.SafeHandle.DangerousGetHandle() };
        if (now >= _restUntil)
        {
            _entries[0].Events = LibC.PollIn;
        }
        else
        {
            next = _restUntil;
        }
        for (var i = 0; i < _strangers.Count; i++)
        {
            var stranger = _strangers[i];
            var descriptor = stranger.Socket!.Descriptor;
            _entries[1 + i] = new LibC.PollEntry { Descriptor = descriptor, Events = LibC.PollIn };
            next = stranger.Until < next ? stranger.Until : next;
        }
        var timeout = next == TimeSpan.MaxValue ? -1 : (int)Math.Ceiling(Math.Max(0, (next - now).TotalMilliseconds));
        fixed (LibC.PollEntry* entries = _entries)
        {
            _ = LibC.poll(entries, (nuint)(1 + _strangers.Count), timeout);
        }
    }

    private void Accept(TimeSpan now)
    {
        Span<byte> name = stackalloc byte[WireAddress.MaxLength];
        for (var i = 0; i < AcceptedPerTurn && !_stopping; i++)
        {
            uint length = WireAddress.MaxLength;
            int descriptor;
            fixed (byte* bytes = name)
            {
                descriptor = LibC.accept4(
                    _listener.SafeHandle,
                    bytes,
                    &length,
                    LibC.NonBlockingSocket | LibC.CloseOnExec
                );
            }
            if (descriptor >= 0)
            {
                Meet(new TcpSocket(descriptor), _addresses.Read(name, default).Remote, now);
                continue;
            }
            if (Marshal.GetLastPInvokeError() is LibC.ProcessFilesFull or LibC.SystemFilesFull or LibC.NoBuffers)
            {
                _restUntil = now + Rest;
            }
            return;
        }
    }

    private void Meet(TcpSocket socket, TransportAddress remote, TimeSpan now)
    {
        if (!_strangersQuota.TryTake(remote))
        {
            _counters.Count(TcpEnd.Limit);
            socket.Dispose();
            return;
        }
        var stranger = _spare.Count > 0 ? _spare.Pop() : new Stranger();
        (stranger.Socket, stranger.Remote, stranger.Until) = (socket, remote, now + TcpLimits.Patience);
        _strangers.Add(stranger);
    }

    // Whether it is no stranger any more, or not worth waiting for.
    private bool IsDone(Stranger stranger)
    {
        var count = stranger.Socket!.Receive(stranger.Incoming.Free);
        if (count == TcpSocket.Gone)
        {
            return true;
        }
        stranger.Incoming.Received(count);
        if (!stranger.Incoming.TryTake(out var packet))
        {
            return stranger.Incoming.IsBroken;
        }
        if (_sessions.Vouches(packet))
        {
            stranger.Incoming.PutBack(packet.Length);
            Admit(stranger);
        }
        return true;
    }

    private void Admit(Stranger stranger)
    {
        if (!_quota.TryTake(stranger.Remote))
        {
            _counters.Count(TcpEnd.Limit);
            stranger.IsCounted = true;
            return;
        }
        var path = new NetworkPath(stranger.Remote, default) { Connection = ++_number };
        var connection = new TcpConnection(stranger.Socket!, path);
        connection.Socket.SetUp();
        stranger.Incoming.Waiting.CopyTo(connection.Incoming.Free);
        connection.Incoming.Received(stranger.Incoming.Waiting.Length);
        stranger.Socket = null; // it is the forwarding thread's from here on
        _admit(connection);
    }

    private void Release(int index)
    {
        var stranger = _strangers[index];
        if (stranger.Socket is { } socket)
        {
            if (!stranger.IsCounted)
            {
                _counters.Count(TcpEnd.Stranger);
            }
            socket.Dispose();
        }
        _strangersQuota.Return(stranger.Remote);
        stranger.Socket = null;
        stranger.IsCounted = false;
        stranger.Incoming.Clear();
        _strangers.RemoveAt(index);
        _spare.Push(stranger);
    }

    private sealed class Stranger
    {
        public TcpSocket? Socket { get; set; }
        public TransportAddress Remote { get; set; }
        public TimeSpan Until { get; set; }
        public bool IsCounted { get; set; }
        public FrameReader Incoming { get; } = new(StunMessage.MaxLength);
    }
}
