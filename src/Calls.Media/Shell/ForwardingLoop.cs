using System.Collections.Concurrent;
using Calls.Media.Ice;
using Calls.Media.Sfu;
using Calls.Media.Tcp;

namespace Calls.Media.Shell;

/// <summary>The forwarding thread: receives, lets the core work, sends.</summary>
internal sealed class ForwardingLoop : IDisposable
{
    // Commands come without waking the thread. They are looked at before each batch, so that nothing is forwarded
    // against them; what follows from them by itself waits until the receive call comes back.
    private readonly ConcurrentQueue<ForwardingCommand> _commands = new();
    private readonly UdpReceiver _receiver;
    private readonly UdpSender _sender;
    private readonly TcpConnections _tcp;
    private readonly ForwardingCore _core;
    private readonly GatherWindow _window = new();
    private readonly Func<TimeSpan> _now;
    private readonly TimeSpan? _standstill;
    private readonly Action<ForwardingEvent> _tell;
    private readonly Action<MediaNotice> _report;
    private volatile bool _stopping;
    private TimeSpan _turnedAt;
    private long _received;
    private long _receivedBytes;

    public ForwardingLoop(
        MediaPort port,
        MediaOptions options,
        DateTimeOffset startedAt,
        FillRandom random,
        Func<TimeSpan> now,
        TcpQuota quota,
        TcpCounters tcpCounters,
        Action<ForwardingEvent> tell,
        Action<MediaNotice> report
    )
    {
        _receiver = new UdpReceiver(port.Udp);
        _tcp = new TcpConnections(port.Udp, quota, tcpCounters);
        _sender = new UdpSender(port.Udp, _tcp);
        _core = new ForwardingCore(options.Silence, startedAt, _sender.Outbox, random);
        _now = now;
        _turnedAt = now();
        _standstill = options.Standstill;
        _tell = tell;
        _report = report;
    }

    public long Received => _received + _tcp.Received;
    public long ReceivedBytes => _receivedBytes + _tcp.ReceivedBytes;
    public long Sent => _sender.Sent + _tcp.Sent;
    public long SentBytes => _sender.SentBytes + _tcp.SentBytes;
    public long SendFailures => _sender.Failed;

    /// <inheritdoc cref="TcpConnections.Dropped"/>
    public long NotTaken => _tcp.Dropped;

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
        _tcp.Dispose();
    }

    private void Turn()
    {
        var count = _tcp.Wait() switch
        {
            null => _receiver.Receive(),
            true => _receiver.ReceiveNow(),
            false => 0,
        };
        var now = _now();
        _tcp.Now = now;
        if (now - _turnedAt > _standstill)
        {
            _core.Hold(now);
        }
        _turnedAt = now;
        while (_commands.TryDequeue(out var command))
        {
            Do(command, now);
        }
        for (var i = 0; i < count; i++)
        {
            var datagram = _receiver.Datagram(i);
            _receivedBytes += datagram.Length;
            _core.Handle(datagram, _receiver.From(i), now);
        }
        _received += count;
        _tcp.Receive(_core);
        if (_core.NextDeadline <= now)
        {
            _core.Advance(now);
        }
        _sender.Outbox.Flush();
        _tcp.Flush(_core);
        foreach (var happened in _core.Events)
        {
            if (happened is ConnectionLeft left)
            {
                _tcp.Close(left.Connection);
            }
            else
            {
                _tell(happened);
            }
        }
        _core.ClearEvents();
        LibC.Sleep(_window.Pause(count, UdpReceiver.BatchSize, received: now, _now()));
    }

    private void Do(ForwardingCommand command, TimeSpan now)
    {
        switch (command)
        {
            case AdmitConnection admit:
                _tcp.Add(admit.Connection, _core);
                break;
            case SendFrame send:
                send.Packet.CopyTo(_sender.Outbox.Next);
                _sender.Outbox.Commit(send.Packet.Length, send.To);
                break;
            default:
                _core.Apply(command, now);
                break;
        }
    }
}

/// <summary>A client's TCP connection has shown a valid check.</summary>
internal sealed record AdmitConnection(TcpConnection Connection) : ForwardingCommand;

/// <summary>To a client's TCP connection, which only the forwarding thread may write to.</summary>
internal sealed record SendFrame(NetworkPath To, byte[] Packet) : ForwardingCommand;
