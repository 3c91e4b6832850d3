using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Kernel;

/// <summary>
/// What stays while instances of an actor come and go: mailbox, place in the tree, state of life. Everything below
/// <see cref="Run"/> happens in its run, of which there is one at a time; what others call only posts to the mailbox.
/// </summary>
internal sealed class ActorCell : IActorRef
{
    /// <summary>Messages in a row before the dispatcher may turn to another actor.</summary>
    private const int MessagesPerTurn = 16;

    /// <summary>A message is tried again after a crash, but not after so many on the same one.</summary>
    private const int MaxCrashesPerMessage = 2;

    private static readonly object ReceiveTimeoutKey = new();

    private readonly Func<Actor> _factory;
    private readonly ActorOptions _options;
    private readonly Mailbox _mailbox;
    private readonly Action _run;
    private readonly ActorContext _context;
    private readonly OrderedDictionary<string, ActorCell> _children = [];
    private readonly List<ActorCell> _watchers = [];
    private readonly List<ActorCell> _watched = [];
    private readonly List<Envelope> _stash = [];
    private readonly List<Reply> _owed = [];
    private readonly TaskCompletionSource _stopped = new();

    private Phase _phase = Phase.Starting;
    private Actor? _actor;
    private Envelope? _current;
    private TimeSpan? _receiveTimeout;
    private ITimer? _backoff;
    private bool _backoffOver;
    private int _restarts;
    private long _runningSince;

    public ActorCell(ActorSystem system, ActorCell? parent, string name, Func<Actor> factory, ActorOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (System, Parent, Name, _factory, _options) = (system, parent, name, factory, options);
        Path = $"{parent?.Path}/{name}";
        _mailbox = new Mailbox(options.MailboxCapacity);
        _context = new ActorContext(this);
        _run = () => _ = Run();
    }

    private enum Phase
    {
        Starting,
        Running,

        /// <summary>Crashed; waits for its pause to end and its children to stop.</summary>
        Restarting,

        /// <summary>Crashed; waits for its parent to crash of it.</summary>
        Escalated,
        Stopping,
        Stopped,
    }

    public ActorSystem System { get; }

    public ActorCell? Parent { get; }

    public string Name { get; }

    public string Path { get; }

    public Task Stopped => _stopped.Task;

    public IReadOnlyCollection<IActorRef> Children => _children.Values;

    public override string ToString() => Path;

    /// <summary>The actor's class, once an instance was made; it names the actor in metrics and traces.</summary>
    public string? Type { get; private set; }

    /// <summary>Messages that wait.</summary>
    public int Depth => _mailbox.Depth;

    public void Tell(object message) =>
        Deliver(new Envelope(message, exempt: message is PoisonPill, cause: Activity.Current));

    public Task<T> Ask<T>(Func<ReplyTo<T>, object> message, TimeSpan deadline)
    {
        var reply = new ReplyTo<T>(Path, System, deadline);
        Deliver(new Envelope(message(reply), reply, cause: Activity.Current));
        return reply.Answer;
    }

    public void Deliver(Envelope envelope)
    {
        switch (_mailbox.Post(envelope))
        {
            case Posted.Wake:
                Schedule();
                break;
            case Posted.Full:
                System.Reject(this, envelope);
                break;
            case Posted.Closed:
                System.DeadLetter(this, envelope);
                break;
        }
    }

    public void Post(Signal signal)
    {
        switch (_mailbox.Post(signal))
        {
            case Posted.Wake:
                Schedule();
                break;
            case Posted.Closed when signal is Signal.Watch watch:
                watch.Watcher.Deliver(new Envelope(new Terminated(this), exempt: true));
                break;
        }
    }

    private void Schedule() => System.Dispatcher.Start(_run);

    private async Task Run()
    {
        Activity.Current = null; // whoever woke the actor is not the cause of all that it finds
        for (var i = 0; i < MessagesPerTurn; i++)
        {
            if (!_mailbox.TryTake(out var signal, out var envelope))
                return;
            if (signal is not null)
                await Handle(signal);
            else
                await Handle(envelope!);
        }
        Schedule();
    }

    private ValueTask Handle(Signal signal)
    {
        switch (signal)
        {
            case Signal.Start when _phase == Phase.Starting:
                return StartInstance();
            case Signal.Stop:
                return BeginStop();
            case Signal.BackoffOver:
                _backoffOver = true;
                return ContinueRestart();
            case Signal.ChildStopped stopped:
                _children.Remove(stopped.Child.Name);
                return _phase == Phase.Stopping ? ContinueStop() : ContinueRestart();
            case Signal.ChildFailed failed when _phase is Phase.Running or Phase.Starting:
                return Fail(failed.Reason, null);
            case Signal.Watch watch:
                _watchers.Add(watch.Watcher);
                break;
            case Signal.Unwatch unwatch:
                _watchers.Remove(unwatch.Watcher);
                break;
        }
        return ValueTask.CompletedTask;
    }

    private async ValueTask Handle(Envelope envelope)
    {
        var message = envelope.Message;
        if (message is TimerMessage timer)
        {
            if (!_context.Timers.TryReceive(timer))
                return;
            message = timer.Message;
        }
        if (message is Terminated terminated && !_watched.Remove((ActorCell)terminated.Actor))
            return;
        if (message is PoisonPill)
        {
            await BeginStop();
            return;
        }
        using var span = ActorTraces.StartProcess(this, envelope, message);
        _current = envelope;
        envelope.HandedOver = false;
        try
        {
            await _actor!.Receive(message);
            Owe(envelope);
            RestartReceiveTimeout();
        }
        catch (Exception reason)
        {
            span?.SetStatus(ActivityStatusCode.Error).SetTag(ActorTraces.ErrorType, reason.GetType().FullName);
            await Fail(reason, envelope);
        }
        _current = null;
    }

    /// <summary>Keeps in mind whom this instance has yet to answer, so that its end answers them.</summary>
    private void Owe(Envelope envelope)
    {
        if (envelope.HandedOver || envelope.Reply is not { IsAnswered: false } reply)
            return;
        if (_owed.Count == _owed.Capacity) // looks through all only as often as the list would grow
            _owed.RemoveAll(r => r.IsAnswered);
        _owed.Add(reply);
    }

    private void FailOwed(Exception reason)
    {
        foreach (var reply in _owed)
            reply.Fail(reason);
        _owed.Clear();
    }

    private async ValueTask StartInstance()
    {
        _phase = Phase.Starting;
        try
        {
            _actor = _factory();
            Type = _actor.GetType().Name;
            System.Enter(this);
            _actor.Attach(_context);
            await _actor.PreStart();
            _phase = Phase.Running;
            _runningSince = System.Time.GetTimestamp();
            _mailbox.Pause(false);
        }
        catch (Exception reason)
        {
            await Fail(reason, null);
        }
    }

    private async ValueTask Fail(Exception reason, Envelope? culprit)
    {
        var directive = Decide(reason);
        System.Crashed(this, reason, directive);
        _mailbox.Pause(true);
        var failure = new ActorFailedException(Path, reason);
        FailOwed(failure);
        if (directive == Directive.Restart)
        {
            await BeginRestart(reason, culprit);
            return;
        }
        culprit?.Reply?.Fail(failure);
        if (directive == Directive.Stop)
        {
            await BeginStop();
            return;
        }
        _phase = Phase.Escalated;
        _context.Timers.CancelAll();
        Parent!.Post(new Signal.ChildFailed(this, reason));
    }

    private Directive Decide(Exception reason)
    {
        var directive = Directive.Stop;
        try
        {
            directive = _options.Supervision.Decide(reason);
        }
        catch (Exception second)
        {
            System.Log.LogError(second, "{Actor} has a supervision that throws", this);
        }
        return directive == Directive.Escalate && Parent is null ? Directive.Stop : directive;
    }

    private async ValueTask BeginRestart(Exception reason, Envelope? culprit)
    {
        var ranFor = System.Time.GetElapsedTime(_runningSince);
        if (_phase == Phase.Running && ranFor >= _options.Supervision.ResetAfter)
            _restarts = 0;
        _phase = Phase.Restarting;
        System.Restarting(this);
        await Guard(actor => actor.PreRestart(reason));
        _actor = null;
        PutBack(culprit, reason);
        UnstashAll();
        LetGo();
        _backoffOver = false;
        _backoff = System.Time.CreateTimer(
            _ => Post(new Signal.BackoffOver()),
            null,
            _options.Supervision.Backoff(_restarts++, System.Chance()),
            Timeout.InfiniteTimeSpan
        );
    }

    private void PutBack(Envelope? culprit, Exception reason)
    {
        if (culprit is null)
            return;
        if (++culprit.Crashes >= MaxCrashesPerMessage)
            System.GiveUp(this, culprit, reason);
        else if (!culprit.HandedOver)
            _mailbox.PutBack([culprit]);
    }

    private ValueTask ContinueRestart() =>
        _phase == Phase.Restarting && _backoffOver && _children.Count == 0 ? StartInstance() : ValueTask.CompletedTask;

    private ValueTask BeginStop()
    {
        if (_phase >= Phase.Stopping)
            return ValueTask.CompletedTask;
        _phase = Phase.Stopping;
        _mailbox.Pause(true);
        foreach (var envelope in _stash.Concat(_mailbox.Close()))
            System.DeadLetter(this, envelope);
        _stash.Clear();
        _backoff?.Dispose();
        LetGo();
        return ContinueStop();
    }

    private async ValueTask ContinueStop()
    {
        if (_children.Count > 0)
            return;
        await Guard(actor => actor.PostStop());
        _phase = Phase.Stopped;
        System.Leave(this);
        _actor = null;
        FailOwed(new ActorStoppedException(Path));
        foreach (var signal in _mailbox.Die())
            Post(signal); // answers those who began to watch too late
        if (Parent is null)
            System.Remove(this);
        Parent?.Post(new Signal.ChildStopped(this)); // first, so that a parent that watches finds the name free
        foreach (var watcher in _watchers)
            watcher.Deliver(new Envelope(new Terminated(this), exempt: true));
        System.Dispatcher.Start(() => _stopped.SetResult());
    }

    /// <summary>Ends what belongs to an instance: timers, watches, children.</summary>
    private void LetGo()
    {
        _receiveTimeout = null;
        _context.Timers.CancelAll();
        foreach (var watched in _watched)
            watched.Post(new Signal.Unwatch(this));
        _watched.Clear();
        foreach (var child in _children.Values)
            child.Post(new Signal.Stop());
    }

    private async ValueTask Guard(Func<Actor, ValueTask> hook)
    {
        try
        {
            if (_actor is not null)
                await hook(_actor);
        }
        catch (Exception reason)
        {
            System.Log.LogError(reason, "{Actor} crashed while it ended", this);
        }
    }

    public IActorRef? Child(string name) => _children.GetValueOrDefault(name);

    public ActorCell Spawn(string name, Func<Actor> factory, ActorOptions options)
    {
        if (_phase is not (Phase.Starting or Phase.Running))
            throw new InvalidOperationException($"{Path} makes a child while it ends.");
        var child = new ActorCell(System, this, name, factory, options);
        if (!_children.TryAdd(name, child))
            throw new InvalidOperationException($"There is an actor {child.Path} already.");
        child.Post(new Signal.Start());
        return child;
    }

    public void Watch(ActorCell actor)
    {
        if (_watched.Contains(actor))
            return;
        _watched.Add(actor);
        actor.Post(new Signal.Watch(this));
    }

    public void Unwatch(ActorCell actor)
    {
        if (_watched.Remove(actor))
            actor.Post(new Signal.Unwatch(this));
    }

    public bool Stash()
    {
        var current = Current();
        current.HandedOver = true;
        if (_stash.Count >= _options.StashCapacity)
        {
            System.Reject(this, current);
            return false;
        }
        _stash.Add(current);
        return true;
    }

    public void UnstashAll()
    {
        _mailbox.PutBack(_stash);
        _stash.Clear();
    }

    public void Forward(ActorCell to)
    {
        var current = Current();
        current.HandedOver = true;
        to.Deliver(new Envelope(current.Message, current.Reply, cause: current.Cause));
    }

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        _receiveTimeout = timeout;
        _context.Timers.Cancel(ReceiveTimeoutKey);
        RestartReceiveTimeout();
    }

    private void RestartReceiveTimeout()
    {
        if (_receiveTimeout is { } timeout)
            _context.Timers.StartSingleTimer(ReceiveTimeoutKey, ReceiveTimeout.Instance, timeout);
    }

    private Envelope Current() =>
        _current ?? throw new InvalidOperationException($"{Path} stashes or forwards outside of Receive.");
}
