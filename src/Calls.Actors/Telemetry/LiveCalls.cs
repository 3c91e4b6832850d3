using System.Collections.Concurrent;
using Calls.Protocol;

namespace Calls.Actors.Telemetry;

/// <summary>
/// How many calls live here, by status: looked up at the actors that run them and not counted up and down with events,
/// so that it is right after a restart, a crash and a passivation too.
/// </summary>
public sealed class LiveCalls
{
    private readonly ConcurrentDictionary<LiveCall, bool> _calls = new();

    /// <summary>How many calls have this status now.</summary>
    public int Count(CallStatus status) => _calls.Keys.Count(call => call.Status == status);

    /// <summary>How many live.</summary>
    public int Total => Count(CallStatus.Ringing) + Count(CallStatus.Active);

    /// <summary>A call actor's instance begins; it shows the status of its call, and goes with its end.</summary>
    internal LiveCall Enter()
    {
        var call = new LiveCall(this);
        _calls[call] = true;
        return call;
    }

    internal void Leave(LiveCall call) => _calls.TryRemove(call, out _);
}

/// <summary>What one instance of a call actor shows of its call.</summary>
internal sealed class LiveCall(LiveCalls calls) : IDisposable
{
    private volatile int _status;

    public CallStatus Status => (CallStatus)_status;

    /// <summary>The status from now on; only the actor itself calls this.</summary>
    public void Show(CallStatus status) => _status = (int)status;

    public void Dispose() => calls.Leave(this);
}
