using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Calls.Caller.Loop;
using Calls.Caller.Media;
using Calls.Media.Dtls;

namespace Calls.Caller;

/// <summary>
/// The one thread that does the media of any number of callers: it waits for all their sockets and timers at once, and makes no garbage
/// by the packet. What it does late it knows (<see cref="LoopTally.Lag"/>).
/// </summary>
public sealed unsafe class CallerLoop : IDisposable
{
    /// <summary>Sockets that are looked after in one turn; the others have theirs in the next one, at once.</summary>
    private const int MaxEvents = 256;

    private const int LongestSleepMs = 1_000;

    private static readonly Lazy<CallerLoop> Default = new(() => new CallerLoop());

    private readonly FileHandle _epoll = new(SystemCalls.epoll_create1(SystemCalls.CloseOnExec));
    private readonly FileHandle _bell = new(SystemCalls.eventfd(0, SystemCalls.CloseOnExec | SystemCalls.NonBlocking));
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * SystemCalls.EventLength, pinned: true);
    private readonly ReceiveBatch _batch = new();
    private readonly PriorityQueue<MediaShell, long> _due = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly ConcurrentDictionary<long, MediaShell> _shells = new();
    private readonly ConcurrentDictionary<string, DtlsIdentity> _identities = new();
    private readonly Thread _thread;
    private long _lastNumber;
    private volatile bool _stopping;

    /// <summary>A loop with a thread of its own.</summary>
    public CallerLoop()
    {
        Watch(_bell, 0);
        _thread = new Thread(Run) { IsBackground = true, Name = "callers' media" };
        _thread.Start();
    }

    /// <summary>The one for all who name no other; it lasts as long as the process.</summary>
    public static CallerLoop Shared => Default.Value;

    /// <summary>The time by which callers measure: the machine's monotonic clock, the same for all processes of a machine.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    internal LoopTally Tally { get; } = new();

    /// <summary>Takes what was counted since the last time.</summary>
    public Task<LoopTally> TakeTally()
    {
        var taken = new TaskCompletionSource<LoopTally>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => taken.SetResult(Tally.TakeAndReset()));
        return taken.Task;
    }

    /// <summary>Bytes that the loop's thread has allocated since it began.</summary>
    internal Task<long> Allocated()
    {
        var asked = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => asked.SetResult(GC.GetAllocatedBytesForCurrentThread()));
        return asked.Task;
    }

    /// <summary>Ends the thread. Callers that still use it fall silent.</summary>
    public void Dispose()
    {
        _stopping = true;
        Ring();
        _thread.Join();
        _batch.Dispose();
        _epoll.Dispose();
        _bell.Dispose();
        foreach (var identity in _identities.Values)
        {
            identity.Dispose();
        }
    }

    /// <summary>The certificate for these profiles. Callers of a loop share it: hundreds of key pairs would prove nothing and take a second.</summary>
    internal DtlsIdentity IdentityFor(CallerOptions options)
    {
        var names = string.Join(':', options.Profiles.Select(profile => profile.Name));
        lock (_identities)
        {
            return _identities.GetOrAdd(names, _ => new DtlsIdentity(options.Clock.GetUtcNow(), options.Profiles));
        }
    }

    /// <summary>Has the loop look after a socket from here on, until it is closed.</summary>
    internal void Attach(MediaShell shell, Socket socket)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        _shells[number] = shell;
        shell.Numbers.Add(number);
        Watch(socket.SafeHandle, number);
    }

    /// <summary>The shell is no more.</summary>
    internal void Forget(MediaShell shell)
    {
        foreach (var number in shell.Numbers)
        {
            _shells.TryRemove(number, out _);
        }
    }

    /// <summary>Has the loop look at a shell's deadlines: something has changed there.</summary>
    internal void Wake(MediaShell shell) => Post(() => Settle(shell));

    private void Post(Action what)
    {
        _posted.Enqueue(what);
        Ring();
    }

    private void Ring()
    {
        ulong one = 1;
        _ = SystemCalls.write(_bell, &one, sizeof(ulong));
    }

    private void Watch(System.Runtime.InteropServices.SafeHandle file, long number)
    {
        Span<byte> what = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(what, SystemCalls.Readable);
        BinaryPrimitives.WriteInt64LittleEndian(what[SystemCalls.EventData..], number);
        fixed (byte* bytes = what)
        {
            if (SystemCalls.epoll_ctl(_epoll, SystemCalls.Add, file, bytes) != 0)
            {
                throw new IOException("The system would not watch a socket: too many are watched already.");
            }
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            var count = Wait();
            for (var i = 0; i < count; i++)
            {
                var data = _events.AsSpan((i * SystemCalls.EventLength) + SystemCalls.EventData);
                Receive(BinaryPrimitives.ReadInt64LittleEndian(data));
            }

            while (_posted.TryDequeue(out var what))
            {
                what();
            }

            DoWhatIsDue();
        }
    }

    private int Wait()
    {
        var timeout = LongestSleepMs;
        if (_due.TryPeek(out _, out var ticks))
        {
            // Up to a whole millisecond: less would turn round without the moment having come.
            var left = Math.Ceiling((ticks - Now.Ticks) / (double)TimeSpan.TicksPerMillisecond);
            timeout = (int)Math.Clamp(left, 0, LongestSleepMs);
        }

        fixed (byte* events = _events)
        {
            return SystemCalls.epoll_wait(_epoll, events, MaxEvents, timeout);
        }
    }

    private void Receive(long number)
    {
        if (number == 0)
        {
            ulong rings;
            _ = SystemCalls.read(_bell, &rings, sizeof(ulong));
        }
        else if (_shells.TryGetValue(number, out var shell))
        {
            shell.Receive(_batch);
            Settle(shell);
        }
    }

    private void DoWhatIsDue()
    {
        // Up to the moment at which this began, so that sockets have their turn under any load.
        var now = Now;
        while (_due.TryPeek(out var shell, out var ticks) && ticks <= now.Ticks)
        {
            _due.Dequeue();
            if (shell.ScheduledAt.Ticks != ticks)
            {
                continue; // it was wanted earlier, and has been there
            }

            Tally.Lag.Add(Now - shell.ScheduledAt);
            shell.ScheduledAt = TimeSpan.MaxValue;
            shell.Advance();
            Settle(shell);
        }
    }

    // One entry of the queue is valid for each shell: that of its ScheduledAt.
    private void Settle(MediaShell shell)
    {
        var next = shell.NextDeadline;
        if (next < shell.ScheduledAt)
        {
            shell.ScheduledAt = next;
            _due.Enqueue(shell, next.Ticks);
        }
    }
}
