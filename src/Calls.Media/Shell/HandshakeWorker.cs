using System.Collections.Concurrent;
using Calls.Media.Sfu;

namespace Calls.Media.Shell;

/// <summary>The thread that shakes hands, so that forwarding never waits for it.</summary>
internal sealed class HandshakeWorker(
    Handshakes handshakes,
    Func<TimeSpan> now,
    Action<HandshakeOutput> tell,
    Action<MediaNotice> report
) : IDisposable
{
    /// <summary>Datagrams that may wait: some 400 handshakes' worth, 0.2 s of work. Beyond it clients have to repeat theirs.</summary>
    private const int MaxWaitingDatagrams = 1_024;

    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<Action<Handshakes>> _inbox = [];
    private int _datagrams;
    private long _turnedAway;

    /// <summary>Datagrams that were dropped because too many waited, here or for a handshake's end.</summary>
    public long TurnedAway => _turnedAway + handshakes.TurnedAway;

    public void Handle(DtlsArrived arrived)
    {
        if (Interlocked.Increment(ref _datagrams) > MaxWaitingDatagrams)
        {
            Interlocked.Decrement(ref _datagrams);
            _turnedAway++; // only the forwarding thread comes here
            return;
        }
        Post(them =>
        {
            Interlocked.Decrement(ref _datagrams);
            them.Handle(arrived.Peer, arrived.From, arrived.Datagram, now());
        });
    }

    /// <summary>Not after <see cref="Stop"/>.</summary>
    public void Post(Action<Handshakes> work) => _inbox.Add(work);

    public void Stop() => _inbox.CompleteAdding();

    public void Run()
    {
        while (!_inbox.IsCompleted)
        {
            try
            {
                Turn();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                report(new MediaNotice("A handshake failed by a fault of ours.", Error: error));
            }
        }
    }

    public void Dispose() => _inbox.Dispose();

    private void Turn()
    {
        var left = (handshakes.NextDeadline ?? TimeSpan.MaxValue) - now();
        var sleep =
            left < TimeSpan.Zero ? TimeSpan.Zero
            : left < LongestSleep ? left
            : LongestSleep;
        // Up to the next whole millisecond: less would turn round without the deadline having come.
        if (_inbox.TryTake(out var work, (int)Math.Ceiling(sleep.TotalMilliseconds)))
        {
            work(handshakes);
        }
        if (handshakes.NextDeadline <= now())
        {
            handshakes.Advance(now());
        }
        foreach (var output in handshakes.TakeOutputs())
        {
            tell(output);
        }
    }
}
