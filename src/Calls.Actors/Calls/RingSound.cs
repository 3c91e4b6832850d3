using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Calls;

/// <summary>How a ring is heard at its target.</summary>
internal enum RingSound
{
    Loud,

    /// <summary>Shown without a sound.</summary>
    Silent,

    /// <summary>Not at all: the target does not want to be disturbed, and will have missed it.</summary>
    None,

    /// <summary>Not at all, then or later: the target has blocked who rings.</summary>
    Blocked,

    /// <summary>Not at all, then or later: who rings has blocked the target.</summary>
    BlockedByCaller,
}

internal static class RingSounds
{
    /// <summary>Whether neither of the two is to learn from the call that the other was there.</summary>
    public static bool IsBlocked(this RingSound sound) => sound is RingSound.Blocked or RingSound.BlockedByCaller;

    /// <summary>What comes of a ring at <paramref name="target"/> by any of <paramref name="callers"/>, by the settings of them all.</summary>
    public static RingSound Between(
        UserId target,
        IReadOnlyCollection<UserId> callers,
        IReadOnlyDictionary<UserId, CallSettings> settings
    )
    {
        var own = settings[target];
        return callers.Any(caller => own.Blocked.Contains(caller)) ? RingSound.Blocked
            : callers.Any(caller => settings[caller].Blocked.Contains(target)) ? RingSound.BlockedByCaller
            : own.Notifications == Notifications.DoNotDisturb ? RingSound.None
            : own.Notifications == Notifications.Quiet ? RingSound.Silent
            : RingSound.Loud;
    }
}
