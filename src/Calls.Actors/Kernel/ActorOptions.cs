namespace Calls.Actors.Kernel;

/// <summary>How an actor is kept.</summary>
public sealed record ActorOptions
{
    public static ActorOptions Default { get; } = new();

    /// <summary>
    /// Most messages that wait; one more is rejected. A thousand is some seconds of work for an actor that journals each,
    /// longer than any asker waits. Timers, <see cref="Terminated"/>, <see cref="PoisonPill"/> and the kernel's own
    /// signals are never rejected.
    /// </summary>
    public int MailboxCapacity { get; init; } = 1000;

    /// <summary>Most messages that are stashed; one more is rejected like at a full mailbox.</summary>
    public int StashCapacity { get; init; } = 1000;

    /// <summary>What follows a crash.</summary>
    public Supervision Supervision { get; init; } = Supervision.Default;
}

/// <summary>What a supervisor does about a crash.</summary>
public enum Directive
{
    /// <summary>A new instance takes over the mailbox after a pause. The message it crashed on is tried once more, then given up.</summary>
    Restart,

    /// <summary>The actor stops.</summary>
    Stop,

    /// <summary>The parent crashes of the same reason, and its own supervision decides; at the top of the tree it means stop.</summary>
    Escalate,
}

/// <summary>What follows a crash, and how long the pause before a restart is: doubling from min to max, with jitter so that many do not come back in step.</summary>
public sealed record Supervision
{
    public static Supervision Default { get; } = new();

    /// <summary>Chooses by the exception.</summary>
    public Func<Exception, Directive> Decide { get; init; } = _ => Directive.Restart;

    /// <summary>The pause after the first crash: long enough for a passing fault, hardly noticed by a caller.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause, before jitter.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Up to this share of the pause is added by chance.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>After so long without a crash the pauses begin anew from <see cref="MinBackoff"/>.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before restart number <paramref name="restart"/> (0 for the first); <paramref name="chance"/> is from 0 to 1.</summary>
    public TimeSpan Backoff(int restart, double chance)
    {
        var doubled = MinBackoff.Ticks * Math.Pow(2, restart);
        var pause = Math.Min(doubled, MaxBackoff.Ticks);
        return TimeSpan.FromTicks((long)(pause * (1 + (Jitter * chance))));
    }
}
