namespace Calls.Actors.Kernel;

/// <summary>An actor's address. It stays the same over restarts, and may outlive the actor.</summary>
public interface IActorRef
{
    /// <summary>The names from the top of the tree, <c>/region/dm-1/alice</c>; for logs, not for looking up.</summary>
    string Path { get; }

    /// <summary>Leaves a message. If the mailbox is full or the actor has stopped, it is dropped, counted and logged.</summary>
    void Tell(object message);

    /// <summary>
    /// Leaves a message that carries where to answer, and waits for it. Fails with an <see cref="AskFailedException"/>:
    /// at once when the mailbox is full, the actor is or becomes stopped, or it gave the message up after crashing on it;
    /// at the latest when <paramref name="deadline"/> has passed.
    /// </summary>
    Task<T> Ask<T>(Func<ReplyTo<T>, object> message, TimeSpan deadline);
}

/// <summary>Where an asker waits. Only the first answer or failure counts.</summary>
public abstract class Reply
{
    /// <summary>Whether the asker waits no more.</summary>
    public abstract bool IsAnswered { get; }

    /// <summary>Lets the ask fail.</summary>
    public abstract void Fail(Exception reason);
}

/// <summary>Where to answer with a <typeparamref name="T"/>: part of a message, made by <see cref="IActorRef.Ask{T}"/>.</summary>
public sealed class ReplyTo<T> : Reply
{
    private readonly TaskCompletionSource<T> _answer = new();
    private readonly TaskScheduler _dispatcher;
    private readonly ITimer _deadline;
    private int _answered;

    internal ReplyTo(string asked, ActorSystem system, TimeSpan deadline)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero);
        _dispatcher = system.Dispatcher;
        _deadline = system.Time.CreateTimer(
            _ => Fail(new AskTimeoutException(asked, deadline)),
            null,
            deadline,
            Timeout.InfiniteTimeSpan
        );
    }

    internal Task<T> Answer => _answer.Task;

    public override bool IsAnswered => Volatile.Read(ref _answered) != 0;

    /// <summary>Answers.</summary>
    public void Tell(T answer) => Complete(() => _answer.SetResult(answer));

    public override void Fail(Exception reason) => Complete(() => _answer.SetException(reason));

    private void Complete(Action complete)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
            return;
        _deadline?.Dispose(); // a deadline can strike while the constructor still runs
        _dispatcher.Start(complete);
    }
}

/// <summary>Why an ask has no answer.</summary>
public abstract class AskFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>No answer came in time; whether the message had an effect is unknown.</summary>
public sealed class AskTimeoutException(string asked, TimeSpan deadline)
    : AskFailedException($"{asked} did not answer within {deadline.TotalMilliseconds:0} ms");

/// <summary>The actor has more to do than its mailbox holds; the message had no effect.</summary>
public sealed class MailboxFullException(string asked) : AskFailedException($"the mailbox of {asked} is full");

/// <summary>The actor crashed while it owed the answer; the inner exception says on what.</summary>
public sealed class ActorFailedException(string asked, Exception reason)
    : AskFailedException($"{asked} failed: {reason.Message}", reason);

/// <summary>The actor stopped, or had stopped, before it answered.</summary>
public sealed class ActorStoppedException(string asked) : AskFailedException($"{asked} has stopped");
