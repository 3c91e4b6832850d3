using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Calls.Bench.Media.Measure;
using Calls.Caller;
using Calls.Media.Shell;

namespace Calls.Bench.Media.Generator;

/// <summary>The one thread that does the media of all participants. It sends each packet when it is due and reads in between; arrivals are the kernel's, so that how late it reads shows nowhere.</summary>
internal sealed class GeneratorLoop : IDisposable
{
    private const uint FirstAddress = (127u << 24) | (1u << 16); // 127.1.0.0, and one up for each participant
    private const int SendsPerTurn = 64; // the socket has its turn under any load
    private const int ReadsPerTurn = 8;

    // Reading now and then is cheaper than at once, and the buffer holds far more.
    private static readonly long ReadInterval = Stopwatch.Frequency / 10_000;
    private static readonly long TimerInterval = Stopwatch.Frequency / 100;
    private static readonly long ReportInterval = Stopwatch.Frequency;

    private readonly BatchSocket _socket = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly List<Participant> _participants = [];
    private readonly Thread _thread;
    private SendSchedule _schedule = new([], new Random(0), 0, 1);
    private long _readAt;
    private long _timersAt;
    private int _reported;
    private volatile bool _stopping;

    public GeneratorLoop()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "generator" };
        _thread.Start();
    }

    /// <summary>What is counted at present.</summary>
    public MeasuringWindow Window { get; private set; } = MeasuringWindow.Closed();

    /// <summary>When the packet came that is looked at, as ticks of the wall clock.</summary>
    public long ArrivedAt { get; private set; }

    /// <summary>Whether it lets the core rest between two packets: others need it too.</summary>
    public bool Rests { get; set; } = true;

    public static uint AddressOf(int participant) => FirstAddress + (uint)participant;

    /// <summary>Has the loop's thread do something, and waits for that.</summary>
    public Task<T> Do<T>(Func<TimeSpan, T> what)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _posted.Enqueue(() =>
        {
            try
            {
                done.SetResult(what(CallerLoop.Now));
            }
            catch (Exception e)
            {
                done.SetException(e); // whoever asked is to see it
            }
        });
        return done.Task;
    }

    /// <summary>Looks after a participant from here on; their numbers count up from 0.</summary>
    public Task Add(Participant participant) =>
        Do(_ =>
        {
            _participants.Add(participant);
            return true;
        });

    /// <summary>Has them send so many packets a second each; none if the rate is 0.</summary>
    public Task Talk(IReadOnlyList<int> senders, double rate, Random random) =>
        Do(_ =>
        {
            var period = Stopwatch.Frequency / rate;
            _schedule = new SendSchedule(rate > 0 ? senders : [], random, Stopwatch.GetTimestamp(), period);
            return true;
        });

    /// <summary>Counts for a while what is sent, and what comes of it.</summary>
    /// <param name="length">How long packets are counted that are sent.</param>
    /// <param name="expectedOf">How many come of one packet of a participant.</param>
    /// <param name="sample">Called on the loop's thread at the beginning and at the end.</param>
    public Task<MeasuringWindow> Measure(TimeSpan length, Func<int, int> expectedOf, Action sample)
    {
        var window = new MeasuringWindow(length, expectedOf, sample, Troubles);
        _posted.Enqueue(() => Window = window.Open());
        return window.Done;
    }

    public void Send(ReadOnlySpan<byte> datagram, uint from, IPEndPoint to) => _socket.Add(datagram, from, to);

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _participants.ForEach(participant => participant.Dispose());
        _socket.Dispose();
    }

    private Troubles Troubles() =>
        new(_socket.Dropped + _socket.NotSent, _participants.Sum(participant => participant.Refused));

    private void Run()
    {
        LibC.SleepExactly();
        ThreadPriority.Raise();
        while (!_stopping)
        {
            while (_posted.TryDequeue(out var what))
                what();
            SendWhatIsDue();
            var now = Stopwatch.GetTimestamp();
            if (now >= _readAt)
            {
                _readAt = now + ReadInterval;
                Read();
            }
            if (now >= _timersAt)
            {
                _timersAt = now + TimerInterval;
                DoTimers();
            }
            _socket.Flush();
            Window.Advance();
            Pause();
        }
    }

    private void SendWhatIsDue()
    {
        var now = CallerLoop.Now;
        for (
            var n = 0;
            n < SendsPerTurn && _schedule.TryTake(Stopwatch.GetTimestamp(), out var sender, out var due);
            n++
        )
        {
            _participants[sender].Speak(now);
            Window.OnLag(Stopwatch.GetElapsedTime(due));
        }
        _socket.Flush();
    }

    private void Read()
    {
        var now = CallerLoop.Now;
        for (var n = 0; n < ReadsPerTurn; n++)
        {
            var count = _socket.Receive();
            for (var i = 0; i < count; i++)
            {
                (var to, ArrivedAt) = _socket.Arrival(i);
                var number = to - FirstAddress;
                if (number < _participants.Count)
                    _participants[(int)number].Handle(_socket.Datagram(i), now);
            }
            if (count < BatchSocket.Batch)
                return;
        }
        _readAt = 0; // there is more
    }

    private void DoTimers()
    {
        var now = CallerLoop.Now;
        foreach (var participant in _participants)
            participant.Advance(now);
        // Reports one after the other, spread over the second.
        var turns = (int)(ReportInterval / TimerInterval);
        for (var left = (_participants.Count + turns - 1) / turns; left > 0; left--)
            _participants[_reported++ % _participants.Count].Report(now);
    }

    private void Pause()
    {
        if (!Rests)
        {
            Thread.SpinWait(10);
            return;
        }
        var next = Math.Min(_schedule.NextAt, Math.Min(_readAt, _timersAt));
        LibC.Sleep(new TimeSpan((next - Stopwatch.GetTimestamp()) * TimeSpan.TicksPerSecond / Stopwatch.Frequency));
    }
}
