using Calls.Actors.Calls;
using Calls.Host.Signalling;
using Calls.Protocol.Wire;

namespace Calls.Host.Nodes;

/// <summary>
/// Empties this node before it stops: no new calls, the live ones to the other nodes (make before break), then its users.
/// Once, and never back.
/// </summary>
internal sealed class Drain(
    CallNode node,
    Connections connections,
    IHostApplicationLifetime life,
    TimeProvider time,
    ILogger<Drain> log
)
{
    /// <summary>Until load balancers have seen that this node is not ready, and send its users elsewhere.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(5);

    /// <summary>How many users the others take in a second without anybody waiting.</summary>
    private const int UsersPerSecond = 500;

    /// <summary>Longest spread of the users' departures: with all else it stays within a minute.</summary>
    private static readonly TimeSpan LongestSpread = TimeSpan.FromSeconds(20);

    /// <summary>How long calls may take to move; what is left then is taken over by the others as after a death.</summary>
    private static readonly TimeSpan MovePatience = TimeSpan.FromSeconds(20);

    /// <summary>How often what is left is looked at.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private int _begun;

    /// <summary>Begins, unless it has begun already; the process stops when the node is empty.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
            _ = Run();
    }

    private async Task Run()
    {
        log.LogInformation("Draining: no new calls from here on");
        node.Presence.BeginDraining();
        try
        {
            await MoveCalls();
            await SendUsersAway();
            await AwaitMedia();
            log.LogInformation("Drained; stopping");
        }
        catch (Exception e)
        {
            log.LogError(e, "Draining failed; stopping all the same");
        }
        life.StopApplication();
    }

    private async Task MoveCalls()
    {
        await Until(() => node.LiveCalls == 0 || !MoveOn(), MovePatience);
        log.LogInformation("{Calls} calls are left", node.LiveCalls);
    }

    /// <summary>Asks all calls that are left to move; false when there is nowhere to go.</summary>
    private bool MoveOn()
    {
        if (!node.Presence.HasSuccessor)
            return false;
        node.Region.Tell(new MoveAway());
        return true;
    }

    /// <summary>Looks until it is so, at most for a while.</summary>
    private async Task Until(Func<bool> isSo, TimeSpan patience)
    {
        var began = time.GetTimestamp();
        while (!isSo() && time.GetElapsedTime(began) < patience)
            await Task.Delay(Look, time);
    }

    /// <summary>Users that were connected elsewhere have media here until their clients have taken up the new one.</summary>
    private Task AwaitMedia() => Until(() => node.Media.SessionCount == 0, MediaBinding.LingerLimit);

    private async Task SendUsersAway()
    {
        var users = connections.All.ToArray();
        var spread = TimeSpan.FromSeconds(users.Length / (double)UsersPerSecond);
        spread = spread < LongestSpread ? spread : LongestSpread;
        for (var i = 0; i < users.Length; i++)
        {
            var after = Notice + (spread * i / users.Length);
            users[i].Send(WireJson.Write(new ServerDraining((int)after.TotalMilliseconds)));
        }
        // They go by themselves; whoever is still there then did not listen.
        await Until(() => connections.Count == 0, Notice + spread + Notice);
        await connections.SendAway(TimeSpan.Zero, time);
    }
}
