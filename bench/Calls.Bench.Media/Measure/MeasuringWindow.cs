using Calls.Bench.Media.Generator;
using Calls.Caller.Media;

namespace Calls.Bench.Media.Measure;

/// <summary>What is counted of the packets that were sent between two moments. Filled by the generator's thread, read when it is done.</summary>
/// <param name="length">How long packets are counted that are sent.</param>
/// <param name="expectedOf">How many come of one packet of a participant.</param>
/// <param name="sample">Called at the beginning and at the end.</param>
/// <param name="troubles">What has gone wrong so far apart from that.</param>
internal sealed class MeasuringWindow(
    TimeSpan length,
    Func<int, int> expectedOf,
    Action sample,
    Func<Troubles> troubles
)
{
    /// <summary>What has not come so long after the end is lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource<MeasuringWindow> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private Troubles _before;
    private long _start = long.MaxValue;
    private long _end = long.MaxValue;
    private long _doneAt = long.MaxValue;

    /// <summary>Itself, when all has come or is lost.</summary>
    public Task<MeasuringWindow> Done => _done.Task;

    public double Seconds => length.TotalSeconds;

    /// <summary>Packets that were sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Packets that should have come of them.</summary>
    public long Expected { get; private set; }

    /// <summary>Packets that came of them, each authentic and from another member of the same room.</summary>
    public long Arrived { get; private set; }

    /// <summary>Packets that came twice, to the wrong ones, or as nobody sent them.</summary>
    public long Wrong { get; private set; }

    /// <summary>From the stamp in the packet to the kernel's stamp of its arrival.</summary>
    public Histogram Delay { get; } = new();

    /// <summary>How much later than due packets were sent.</summary>
    public Histogram Lag { get; } = new();

    /// <summary>Datagrams that the generator's own socket dropped or did not take.</summary>
    public long OwnLosses { get; private set; }

    public long Lost => Expected - Arrived;

    /// <summary>A window in which nothing is counted.</summary>
    public static MeasuringWindow Closed() => new(TimeSpan.Zero, _ => 0, () => { }, () => default);

    /// <summary>Begins to count.</summary>
    public MeasuringWindow Open()
    {
        sample();
        _before = troubles();
        _start = DateTime.UtcNow.Ticks;
        _end = _start + length.Ticks;
        return this;
    }

    /// <summary>Ends it when its time has come.</summary>
    public void Advance()
    {
        if (_end == long.MaxValue || _done.Task.IsCompleted)
            return;
        var now = DateTime.UtcNow.Ticks;
        if (now >= _end && _doneAt == long.MaxValue)
        {
            sample();
            _doneAt = _end + Patience.Ticks;
        }
        if (now < _doneAt)
            return;
        var after = troubles();
        OwnLosses = after.OwnLosses - _before.OwnLosses;
        Wrong += after.Refused - _before.Refused;
        _done.SetResult(this);
    }

    public void OnSent(in PacketStamp stamp)
    {
        if (Has(stamp))
        {
            Sent++;
            Expected += expectedOf(stamp.Sender);
        }
    }

    public void OnArrived(in PacketStamp stamp, long arrivedAt)
    {
        if (Has(stamp))
        {
            Arrived++;
            Delay.Add(TimeSpan.FromTicks(arrivedAt - stamp.SentAt));
        }
    }

    public void OnWrong() => Wrong++;

    public void OnLag(TimeSpan late)
    {
        if (_start != long.MaxValue && _doneAt == long.MaxValue)
            Lag.Add(late);
    }

    private bool Has(in PacketStamp stamp) => stamp.SentAt >= _start && stamp.SentAt < _end;
}

/// <summary>What goes wrong beside the packets of a window.</summary>
/// <param name="OwnLosses">Datagrams that the generator's own socket dropped or did not take.</param>
/// <param name="Refused">Datagrams that were not authentic, or came twice.</param>
internal readonly record struct Troubles(long OwnLosses, long Refused);
