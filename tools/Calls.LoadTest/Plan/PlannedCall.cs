using Calls.LoadTest.Options;

namespace Calls.LoadTest.Plan;

/// <summary>What a member does when it rings.</summary>
internal enum Answer
{
    Joins,
    Declines,
    Ignores,
}

/// <summary>One who is called.</summary>
/// <param name="Index">Which member of the conversation; 0 is the one who calls.</param>
/// <param name="Answer">What they do.</param>
/// <param name="After">How long they let it ring.</param>
/// <param name="LeavesAt">When they leave in mid-call, from the call's start; null: they stay.</param>
/// <param name="ReturnsAt">When they are back.</param>
internal sealed record PlannedMember(
    int Index,
    Answer Answer,
    TimeSpan After,
    TimeSpan? LeavesAt = null,
    TimeSpan? ReturnsAt = null
);

/// <summary>One call of a conversation.</summary>
/// <param name="Conversation">Which one.</param>
/// <param name="Pattern">What happens in it.</param>
/// <param name="At">When it starts, from the run's beginning.</param>
/// <param name="Until">When the one who called ends it.</param>
/// <param name="Called">Everybody else.</param>
internal sealed record PlannedCall(
    int Conversation,
    Pattern Pattern,
    TimeSpan At,
    TimeSpan Until,
    IReadOnlyList<PlannedMember> Called
);
