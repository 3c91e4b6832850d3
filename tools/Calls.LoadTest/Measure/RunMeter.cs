using System.Collections.Concurrent;
using Calls.Caller.Media;

namespace Calls.LoadTest.Measure;

/// <summary>Counts what conversations do, from any thread.</summary>
internal sealed class RunMeter
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<CallRecord> _calls = new();
    private readonly ConcurrentDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private long _started;
    private long _rung;
    private long _joined;
    private int _live;
    private int _talking;
    private int _errorCount;

    /// <summary>From a start to a callee's ring.</summary>
    public Histogram Ring { get; } = new();

    /// <summary>From a start or join to media that can flow.</summary>
    public Histogram Join { get; } = new();

    /// <summary>From a start or join to the first packet of somebody else; pauses in speech included.</summary>
    public Histogram FirstSound { get; } = new();

    public long Started => Interlocked.Read(ref _started);

    public long Rung => Interlocked.Read(ref _rung);

    public long Joined => Interlocked.Read(ref _joined);

    /// <summary>Calls that were started and have not ended.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>Callers with media.</summary>
    public int Talking => Volatile.Read(ref _talking);

    public int ErrorCount => Volatile.Read(ref _errorCount);

    /// <summary>How often which error happened.</summary>
    public IReadOnlyDictionary<string, int> Errors => _errors;

    /// <summary>All calls, in the order in which they started.</summary>
    public IReadOnlyList<CallRecord> Calls => [.. _calls];

    /// <summary>A call is about to start.</summary>
    public CallRecord Begin(string channel, string pattern, int members, TimeSpan at)
    {
        var number = (int)Interlocked.Increment(ref _started);
        var record = new CallRecord
        {
            Number = number,
            Channel = channel,
            Pattern = pattern,
            Members = members,
            StartedAt = at,
        };
        _calls.Enqueue(record);
        Interlocked.Increment(ref _live);
        return record;
    }

    public void End(CallRecord record, TimeSpan at)
    {
        record.EndedAt = at;
        Interlocked.Decrement(ref _live);
    }

    public void OnRing(CallRecord record, TimeSpan time)
    {
        Interlocked.Increment(ref _rung);
        record.AddRing(time);
        Add(Ring, time);
    }

    public void OnJoin(CallRecord record, TimeSpan time)
    {
        Interlocked.Increment(ref _joined);
        record.AddJoin(time);
        Add(Join, time);
    }

    public void OnFirstSound(TimeSpan time) => Add(FirstSound, time);

    public void OnTalking(int change) => Interlocked.Add(ref _talking, change);

    /// <summary>Something went wrong.</summary>
    /// <param name="record">In which call; null: in none.</param>
    /// <param name="kind">In few words, the same for all of the kind.</param>
    /// <param name="detail">What is special of this one.</param>
    public void OnError(CallRecord? record, string kind, string detail)
    {
        Interlocked.Increment(ref _errorCount);
        _errors.AddOrUpdate(kind, 1, (_, count) => count + 1);
        record?.AddError(detail.Length == 0 ? kind : $"{kind}: {detail}");
    }

    private void Add(Histogram histogram, TimeSpan time)
    {
        lock (_lock)
            histogram.Add(time);
    }
}
