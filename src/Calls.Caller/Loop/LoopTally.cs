using Calls.Caller.Media;

namespace Calls.Caller;

/// <summary>What all callers of a loop have done together since it was taken last. Only the loop's thread counts.</summary>
public sealed class LoopTally
{
    /// <summary>Datagrams that were sent.</summary>
    public long Sent { get; internal set; }

    /// <summary>Datagrams that the socket did not take: as good as lost, and not by the service.</summary>
    public long NotSent { get; internal set; }

    /// <summary>Datagrams that came.</summary>
    public long Arrived { get; internal set; }

    /// <summary>RTP packets of remote tracks that came.</summary>
    public long Received { get; private set; }

    /// <summary>RTP packets that should have come, by the numbers of those that did.</summary>
    public long Expected { get; private set; }

    /// <summary>Those of them that came only when they had been asked for again.</summary>
    public long Retransmitted { get; internal set; }

    /// <summary>Packets whose stamp names another speaker than the track.</summary>
    public long OthersPackets { get; internal set; }

    /// <summary>Windows of decoded sound with another one's tone.</summary>
    public long WrongWindows { get; internal set; }

    /// <summary>Windows of decoded sound with nobody's tone.</summary>
    public long UnclearWindows { get; internal set; }

    /// <summary>From the speaker's socket to the listener's.</summary>
    public Histogram Delay { get; } = new();

    /// <summary>The loop's own lag: how much later than it was due each thing was done, and how long each datagram waited in the socket to be read. At rest about a millisecond, the grain of its timer.</summary>
    public Histogram Lag { get; } = new();

    internal void OnPacket(long expected)
    {
        Received++;
        Expected += expected;
    }

    internal LoopTally TakeAndReset()
    {
        var taken = new LoopTally
        {
            Sent = Sent,
            NotSent = NotSent,
            Arrived = Arrived,
            Received = Received,
            Expected = Expected,
            Retransmitted = Retransmitted,
            OthersPackets = OthersPackets,
            WrongWindows = WrongWindows,
            UnclearWindows = UnclearWindows,
        };
        taken.Delay.Add(Delay);
        taken.Lag.Add(Lag);
        (Sent, NotSent, Arrived, Received, Expected) = (0, 0, 0, 0, 0);
        (Retransmitted, OthersPackets, WrongWindows, UnclearWindows) = (0, 0, 0, 0);
        Delay.Clear();
        Lag.Clear();
        return taken;
    }
}
