using System.Runtime.InteropServices;

namespace Calls.Host.Nodes;

/// <summary>
/// Ends the process when it is asked to: a node with others drains first, one that is alone stops at once (its calls go on
/// when it is back). Whoever asks a second time does not want to wait.
/// </summary>
internal sealed class DrainOnSignal(IServiceProvider services, IHostApplicationLifetime life)
    : IHostLifetime,
        IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _asked;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, Asked));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());

    private void Asked(PosixSignalContext context)
    {
        context.Cancel = true; // the process ends when all is put away
        var isFirst = Interlocked.Exchange(ref _asked, 1) == 0;
        if (isFirst && services.GetRequiredService<CallNode>().Presence.HasSuccessor)
            services.GetRequiredService<Drain>().Begin();
        else
            life.StopApplication();
    }
}
