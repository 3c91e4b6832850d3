using System.Collections.Immutable;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>What was decided at once, and what belongs to it.</summary>
/// <param name="Events">At least one.</param>
internal sealed record CallStep(ImmutableArray<CallEvent> Events)
{
    /// <summary>What the command is to be answered with if it is repeated.</summary>
    public CommandOutcome? Outcome { get; init; }

    /// <summary>Runs when the events are durable, before anybody else hears of them.</summary>
    public Action? Answer { get; init; }

    /// <summary>The device that is not told of its own start.</summary>
    public DeviceId? Starter { get; init; }

    /// <summary>How the rings will sound that the events begin; read from the store if they are not given.</summary>
    public Dictionary<UserId, Ring>? Rings { get; init; }

    /// <summary>The place that somebody takes with this.</summary>
    public PlaceChange? Place { get; init; }

    /// <summary>Whom signing in tells of the call from now on.</summary>
    public IReadOnlyCollection<UserId> LiveAt { get; init; } = [];
}
