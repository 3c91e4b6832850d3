using Calls.Media.Ice;

namespace Calls.Media.Tests.Sfu;

/// <summary>A network in virtual time that delays, loses, doubles and reorders datagrams, the same way for the same seed.</summary>
internal sealed class VirtualNetwork(int seed)
{
    private readonly PriorityQueue<(Action<TimeSpan> Do, string What), (TimeSpan At, long Order)> _future = new();
    private readonly Random _chance = new(seed);
    private long _order;

    public TimeSpan Now { get; private set; }
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Up to so much more, at random: more than the pace of packets means reordering.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Shares, 0 to 1.</summary>
    public double Loss { get; set; }

    /// <inheritdoc cref="Loss"/>
    public double Doubling { get; set; }

    public Random Chance => _chance;

    public void At(TimeSpan at, Action<TimeSpan> action) =>
        _future.Enqueue((action, ""), (at < Now ? Now : at, _order++));

    public void Send(ReadOnlySpan<byte> datagram, Action<byte[], TimeSpan> deliver)
    {
        var copies = _chance.NextDouble() < Doubling ? 2 : 1;
        for (; copies > 0; copies--)
        {
            if (_chance.NextDouble() < Loss)
            {
                continue;
            }
            var bytes = datagram.ToArray();
            At(Now + Delay + (Jitter * _chance.NextDouble()), now => deliver(bytes, now));
        }
    }

    public void Run(TimeSpan until)
    {
        while (_future.TryPeek(out _, out var next) && next.At <= until)
        {
            Now = next.At;
            _future.Dequeue().Do(Now);
        }
        Now = until;
    }

    public static NetworkPath Path(int host, int port) =>
        new(
            TransportAddress.FromIpv4(0x0A00_0000u + (uint)host, (ushort)port),
            TransportAddress.FromIpv4(0x0A00_0001, 0)
        );
}
