using Calls.Protocol;

namespace Calls.Actors.Telemetry;

/// <summary>How the ring at one target ended.</summary>
/// <param name="Name">As the metric's attribute has it.</param>
/// <param name="Duration">How long it rang.</param>
internal readonly record struct RingOutcome(string Name, TimeSpan Duration)
{
    private const string NoAnswer = "no_answer";

    /// <summary>The rings that an event ends. One that ran out while others talked is seen when its target does something, or at the call's end.</summary>
    public static IEnumerable<RingOutcome> Of(CallState before, CallEvent happened, CallPolicy policy) =>
        happened switch
        {
            ParticipantJoined e => At(before, e.User, "joined", e, policy),
            CallDeclined e => At(before, e.User, "declined", e, policy),
            TargetRemoved e => At(before, e.User, "removed", e, policy),
            ParticipantLeft { Cause: LeaveCause.Removed } e => At(before, e.User, "removed", e, policy),
            // A ring that is still heard just goes on.
            MembersRung e => e
                .Users.Where(user => !before.IsRinging(user, e.At))
                .SelectMany(user => At(before, user, NoAnswer, e, policy)),
            CallEnded e => before.Targets.SelectMany(target => At(before, target.User, NameOf(e.Reason), e, policy)),
            _ => [],
        };

    private static string NameOf(EndReason reason) =>
        reason switch
        {
            EndReason.Cancelled => "cancelled",
            EndReason.NoAnswer => NoAnswer,
            _ => "call_ended",
        };

    private static IEnumerable<RingOutcome> At(
        CallState before,
        UserId user,
        string name,
        CallEvent happened,
        CallPolicy policy
    )
    {
        if (before.FindTarget(user) is not { Answer: TargetAnswer.None } target)
            yield break;
        var rang = policy.RingTimeout - (target.RingDeadline - happened.At);
        yield return rang < policy.RingTimeout
            ? new RingOutcome(name, rang < TimeSpan.Zero ? TimeSpan.Zero : rang)
            : new RingOutcome(NoAnswer, policy.RingTimeout);
    }
}
