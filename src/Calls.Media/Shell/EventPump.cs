using System.Threading.Channels;

namespace Calls.Media.Shell;

/// <summary>Tells the owner what happened, in order, on a thread of its own: whatever the owner does there holds up no packet.</summary>
internal sealed class EventPump(IMediaEvents events, Action<MediaNotice> report)
{
    private readonly Channel<Action<IMediaEvents>> _queue = Channel.CreateUnbounded<Action<IMediaEvents>>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    public void Tell(Action<IMediaEvents> happened) => _queue.Writer.TryWrite(happened);

    /// <summary>Ends <see cref="RunAsync"/> when all is told.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    public async Task RunAsync()
    {
        await foreach (var happened in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                happened(events);
            }
            catch (Exception error)
            {
                report(new MediaNotice("An event's receiver failed.", Error: error));
            }
        }
    }
}
