using Calls.Actors.Persistence;
using Calls.Protocol.Wire;

namespace Calls.Host.Signalling;

/// <summary>Shows what the stores keep of past calls as the contract has it.</summary>
internal static class HistoryViews
{
    public static MissedEntryView Missed(UserCall call) =>
        new(
            call.Call,
            call.Channel,
            call.Initiator,
            call.InitiatorName,
            call.Media,
            call.StartedAt,
            Seen: call.Missed != MissedMark.Unseen
        );
}
