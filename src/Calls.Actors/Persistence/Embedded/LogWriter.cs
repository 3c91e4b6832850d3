using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// The one who writes. Takes all that waits, decides it in order, writes it as one commit with one flush, and only then
/// shows it to readers and answers. While the disk does its work the next commit gathers: the busier, the larger.
/// </summary>
internal sealed class LogWriter
{
    /// <summary>Bytes in one commit, unless a single change has more: some milliseconds of a slow disk.</summary>
    private const int MaxCommitBytes = 4 << 20;

    private readonly Lock _readers = new();
    private readonly object _gate = new();
    private readonly LogFolder _folder;
    private readonly EmbeddedOptions _options;
    private readonly EmbeddedSeams _seams;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly Commit _commit = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Tables _durable; // what is on the disk, and all that readers see
    private Tables _tip; // what is decided: the writer's own, ahead by one commit
    private Queue<Operation> _waiting = new();
    private SegmentWriter _segment;
    private Task _snapshot = Task.CompletedTask;
    private long _rotateAt;
    private volatile bool _broken;
    private bool _closing;

    public LogWriter(
        LogFolder folder,
        Recovered recovered,
        EmbeddedOptions options,
        EmbeddedSeams seams,
        TimeProvider time,
        ILogger log
    )
    {
        (_folder, _options, _seams, _time, _log) = (folder, options, seams, time, log);
        _segment = SegmentWriter.Open(folder, recovered.Segment, recovered.Length, seams.OpenFile);
        _durable = recovered.Tables;
        _tip = Tables.From(_durable.Capture(), _options.Store);
        _rotateAt = options.SegmentBytes;
        _thread = new Thread(Run) { IsBackground = true, Name = "embedded store" };
        _thread.Start();
    }

    /// <summary>Whether the last commit failed.</summary>
    public bool IsFailing { get; private set; }

    /// <summary>Waits for its turn and the disk.</summary>
    /// <exception cref="StoreUnavailableException">Too much waits already, the disk failed, or the store is closed.</exception>
    public Task<T> Do<T>(Func<Tables, (T, Change?)> decide)
    {
        var operation = new Operation<T>(decide);
        lock (_gate)
        {
            if (_closing)
                throw new StoreUnavailableException("The store is closed.");
            if (_waiting.Count >= _options.QueueCapacity)
                throw new StoreUnavailableException($"The store has {_waiting.Count} operations waiting for the disk.");
            _waiting.Enqueue(operation);
            if (_waiting.Count == 1)
                Monitor.Pulse(_gate);
        }
        return operation.Done;
    }

    /// <summary>Looks at what is durable.</summary>
    public T Look<T>(Func<Tables, T> look)
    {
        // What a failed commit left on the disk may come back at the next start: until it is cut off, nothing is certain.
        if (_broken)
            throw new StoreUnavailableException("The disk failed; see the log.");
        lock (_readers)
            return look(_durable);
    }

    /// <summary>Writes what waits, and ends.</summary>
    public async Task Close()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }
        await _ended.Task;
    }

    private void Run()
    {
        try
        {
            while (TakeAll() is { Count: > 0 } operations)
            while (operations.Count > 0)
                CommitSome(operations);
            _snapshot.Wait();
        }
        finally
        {
            _segment.Dispose();
            _ended.TrySetResult();
        }
    }

    private Queue<Operation> TakeAll()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_closing)
                Monitor.Wait(_gate);
            var taken = _waiting;
            _waiting = new Queue<Operation>();
            return taken;
        }
    }

    private void CommitSome(Queue<Operation> operations)
    {
        if (_broken && !TryRepair(out var reason))
        {
            Fail(operations, reason);
            operations.Clear();
            return;
        }
        Expire();
        List<Operation> decided = [];
        _commit.Clear();
        while (_commit.Size < MaxCommitBytes && operations.TryDequeue(out var operation))
            if (TryDecide(operation))
                decided.Add(operation);
        if (!TryFlush(out reason))
        {
            Fail(decided, reason);
            return;
        }
        lock (_readers)
            foreach (var change in _commit.Changes)
                _durable.Apply(change);
        foreach (var operation in decided)
            operation.Succeed();
        if (_segment.Length >= _rotateAt)
            Rotate();
    }

    private bool TryDecide(Operation operation)
    {
        try
        {
            if (operation.Decide(_tip) is { } change)
            {
                _commit.Add(change);
                _tip.Apply(change);
            }
            return true;
        }
        catch (Exception e)
        {
            operation.Fail(e); // a bug of this operation's, not of those that happen to share its commit
            return false;
        }
    }

    private void Expire()
    {
        var now = _time.GetUtcNow();
        _tip.Expire(now);
        lock (_readers)
            _durable.Expire(now);
    }

    private bool TryFlush([NotNullWhen(false)] out Exception? reason)
    {
        reason = null;
        if (_commit.Changes.Count == 0)
            return true;
        try
        {
            _segment.Commit(_commit.Seal());
            if (IsFailing)
                _log.LogWarning("The store can write to {Folder} again", _folder.Path);
            IsFailing = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!IsFailing)
                _log.LogError(e, "The store cannot write to {Folder}", _folder.Path);
            IsFailing = _broken = true;
            reason = e;
            TryRepair(out _); // at once, so that readers go on: a full disk can be cut even so
            return false;
        }
    }

    private bool TryRepair([NotNullWhen(false)] out Exception? reason)
    {
        reason = null;
        try
        {
            _segment.Repair();
            _tip = Tables.From(_durable.Capture(), _options.Store);
            _broken = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = e;
            return false;
        }
    }

    private static void Fail(IEnumerable<Operation> operations, Exception reason)
    {
        foreach (var operation in operations)
            operation.Fail(new StoreUnavailableException($"The disk failed: {reason.Message}", reason));
    }

    /// <summary>Begins a new segment; a snapshot of what stands in the old ones is written meanwhile, and replaces them.</summary>
    private void Rotate()
    {
        if (!_snapshot.IsCompleted)
            return; // the disk is behind as it is
        try
        {
            var next = SegmentWriter.Open(_folder, _segment.Number + 1, 0, _seams.OpenFile);
            _segment.Dispose();
            _segment = next;
            _rotateAt = _options.SegmentBytes;
            _seams.Step("segment begun");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tried again after as much has been written once more; until then the old segment grows.
            _rotateAt = _segment.Length + _options.SegmentBytes;
            _log.LogWarning(e, "The store cannot begin a new segment in {Folder}", _folder.Path);
            return;
        }
        var snapshot = new Snapshot(_folder, _segment.Number, _tip.Capture(), _seams);
        _snapshot = Task.Factory.StartNew(
            () => Write(snapshot),
            CancellationToken.None,
            TaskCreationOptions.LongRunning, // a thread of its own: it waits for the disk
            TaskScheduler.Default
        );
    }

    private void Write(Snapshot snapshot)
    {
        try
        {
            snapshot.Write();
        }
        catch (Exception e)
        {
            // The segments stay, so nothing is lost; the next rotation tries again.
            _log.LogWarning(e, "The store cannot write a snapshot in {Folder}", _folder.Path);
        }
    }
}
