namespace Calls.Media.Shell;

/// <summary>
/// Whether the forwarding thread, done with a batch, goes back to the socket at once or lets datagrams gather first. To
/// wake up for each one costs more than to forward it; so where several come within a short time, they are waited for and
/// taken together. Where few come, nobody waits. Time is an argument.
/// </summary>
internal sealed class GatherWindow
{
    /// <summary>How long datagrams gather at most, from one receive call to the next. What a packet is held up by stays below a millisecond, a fortieth of what the clients' jitter buffers hold anyway.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMicroseconds(500);

    /// <summary>How many datagrams must be likely to come within <see cref="Length"/>: with fewer there is next to nothing to save.</summary>
    private const double Worthwhile = 2;

    /// <summary>Over how long the rate is averaged: what senders of 50 packets a second repeat.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(20);

    private TimeSpan _last;
    private double _rate; // datagrams a second

    /// <summary>How long to wait before the next receive call.</summary>
    /// <param name="count">Datagrams that the last one gave.</param>
    /// <param name="capacity">Most that one gives: when it did, more are waiting.</param>
    /// <param name="received">When it came back.</param>
    /// <param name="now">The time now, when they have been served.</param>
    public TimeSpan Pause(int count, int capacity, TimeSpan received, TimeSpan now)
    {
        Learn(count, received);
        if (count == capacity || _rate * Length.TotalSeconds < Worthwhile)
        {
            return TimeSpan.Zero;
        }
        var rest = received + Length - now;
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private void Learn(int count, TimeSpan received)
    {
        var elapsed = received - _last;
        _last = received;
        if (elapsed >= Memory)
        {
            _rate = count / elapsed.TotalSeconds;
            return;
        }
        _rate += (count - (_rate * elapsed.TotalSeconds)) / Memory.TotalSeconds;
    }
}
