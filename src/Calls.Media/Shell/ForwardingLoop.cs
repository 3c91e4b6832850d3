using System.Collections.Concurrent;
using Calls.Media.Ice;
using Calls.Media.Sfu;

namespace Calls.Media.Shell;

/// <summary>The forwarding thread: receives, lets the core work, sends.</summary>
internal sealed class ForwardingLoop : IDisposable
{
    // Commands come without waking the thread. They are looked at before each batch, so that nothing is forwarded
    // against them; what follows from them by itself waits until the receive call comes back.
    private readonly ConcurrentQueue<ForwardingCommand> _commands = new();
    private readonly UdpReceiver _receiver;
    private readonly UdpSender _sender;
    private readonly ForwardingCore _core;
    private readonly GatherWindow _window = new();
    private readonly Func<TimeSpan> _now;
    private readonly Action<ForwardingEvent> _tell;
    private readonly Action<MediaNotice> _report;
    private volatile bool _stopping;

    public ForwardingLoop(
        MediaPort port,
        TimeSpan silence,
        DateTimeOffset startedAt,
        FillRandom random,
        Func<TimeSpan> now,
        Action<ForwardingEvent> tell,
        Action<MediaNotice> report
    )
    {
        _receiver = new UdpReceiver(port.Udp);
        _sender = new UdpSender(port.Udp);
        _core = new ForwardingCore(silence, startedAt, _sender.Outbox, random);
        _now = now;
        _tell = tell;
        _report = report;
    }

    public long Received { get; private set; }
    public long ReceivedBytes { get; private set; }
    public long Sent => _sender.Sent;
    public long SentBytes => _sender.SentBytes;
    public long SendFailures => _sender.Failed;

    /// <inheritdoc cref="ForwardingCore.Counters"/>
    public ForwardingCounters Counters => _core.Counters;

    /// <summary>Will be done before the next datagram.</summary>
    public void Post(ForwardingCommand command) => _commands.Enqueue(command);

    public void Stop() => _stopping = true;

    public void Run()
    {
        LibC.SleepExactly();
        while (!_stopping)
        {
            try
            {
                Turn();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // A bug, and a batch of datagrams lost; everybody's calls go on.
                _report(new MediaNotice("Forwarding failed.", Error: error));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _receiver.Dispose();
        _sender.Dispose();
    }

    private void Turn()
    {
        var count = _receiver.Receive();
        var now = _now();
        while (_commands.TryDequeue(out var command))
        {
            _core.Apply(command, now);
        }
        for (var i = 0; i < count; i++)
        {
            var datagram = _receiver.Datagram(i);
            ReceivedBytes += datagram.Length;
            _core.Handle(datagram, _receiver.From(i), now);
        }
        Received += count;
        if (_core.NextDeadline <= now)
        {
            _core.Advance(now);
        }
        _sender.Outbox.Flush();
        foreach (var happened in _core.Events)
        {
            _tell(happened);
        }
        _core.ClearEvents();
        LibC.Sleep(_window.Pause(count, UdpReceiver.BatchSize, received: now, _now()));
    }
}
