using System.Collections.Concurrent;
using Calls.Caller;
using Calls.TestKit.Contract;

namespace Calls.Cluster;

/// <summary>All that the callers of a test send and are sent over WebSockets, held against the contract that the server serves.</summary>
public sealed class ContractTraffic
{
    private readonly SocketContract _contract;
    private readonly ConcurrentBag<Tap> _taps = [];

    private ContractTraffic(SocketContract contract) => _contract = contract;

    /// <summary>By the contract of a server that runs.</summary>
    public static async Task<ContractTraffic> Of(Uri server) => new((await ServedContract.Of(server)).Socket);

    /// <summary>A listener for one WebSocket.</summary>
    public ISignallingTap Listen()
    {
        var tap = new Tap(new SocketTraffic(_contract));
        _taps.Add(tap);
        return tap;
    }

    /// <summary>Fails if anything was not as the contract says, or if nothing was heard.</summary>
    public void ShouldKeepTheContract()
    {
        _taps.ShouldNotBeEmpty();
        _taps.SelectMany(tap => tap.Traffic.TakeFaults()).ShouldBeEmpty("The contract is broken:");
    }

    private sealed record Tap(SocketTraffic Traffic) : ISignallingTap
    {
        public void Sent(ReadOnlySpan<byte> message) => Traffic.Sent(message);

        public void Received(ReadOnlySpan<byte> message) => Traffic.Received(message);
    }
}
