using Calls.Host.Nodes;
using Calls.Host.Telemetry;

namespace Calls.Host.Signalling;

/// <summary>
/// Messages between nodes may be lost, and users may not notice: a connection that lacks something which its call's digest
/// shows, or that knows a live call of which nothing is heard any more, is told the whole state again.
/// </summary>
internal sealed class LostWords(
    Connections connections,
    Gateway gateway,
    CallNode node,
    HostMetrics metrics,
    TimeProvider time
) : BackgroundService
{
    /// <summary>How often it is looked for calls that have gone quiet.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);

    /// <summary>A live call is mentioned every 3 s; after a home's death it may take several until it is again.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        connections.OnMissed = TellAgain;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Look, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            if (node.Presence.IsBlind)
                continue; // nobody is told anything now, and everybody when the store is back
            foreach (var connection in connections.All.Where(c => c.HasUnheardOf(Quiet)))
                TellAgain(connection);
        }
    }

    private void TellAgain(ClientConnection connection)
    {
        metrics.ToldAgain();
        _ = gateway.TellAgain(connection);
    }
}
