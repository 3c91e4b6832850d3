using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>
/// How a call rings at its targets' devices. That is each user's own affair (what they have set, whom they have blocked,
/// what they have dismissed), so none of it stands in the call's journal: it is read from the users' records when a ring
/// begins, and again when the call is recovered.
/// </summary>
internal sealed class Ringer(ChannelId channel, CallEnvironment env)
{
    private Dictionary<UserId, Ring> _rings = [];

    /// <summary>Reads how rings will sound that are about to begin; nobody is told yet.</summary>
    /// <param name="call">The call with its targets as they will be.</param>
    /// <param name="users">Those of them who are rung.</param>
    /// <exception cref="StoreUnavailableException">The users' records could not be read.</exception>
    public async ValueTask<Dictionary<UserId, Ring>> Prepare(CallState call, IReadOnlyCollection<UserId> users)
    {
        var targets = users.Select(user => call.FindTarget(user)!).ToArray();
        var callers = targets.Select(target => target.RungBy).Append(call.Initiator);
        var settings = await ReadSettings([.. users.Union(callers)]);
        return targets.ToDictionary(
            target => target.User,
            target => new Ring(
                target.RingDeadline,
                RingSounds.Between(target.User, [call.Initiator, target.RungBy], settings)
            )
        );
    }

    /// <summary>The rings begin, at those devices that are to hear them.</summary>
    public void Begin(CallState call, Dictionary<UserId, Ring> rings)
    {
        foreach (var (user, ring) in rings)
            _rings[user] = ring;
        Announce(call, rings, reminder: false);
    }

    /// <summary>The rings of a live call as they stand after its journal was read anew: after a restart of the node, or an append in doubt.</summary>
    /// <returns>Whose ring is over unanswered, and nobody here has noted it.</returns>
    public async ValueTask<IReadOnlyList<UserId>> Recover(CallState call, DateTimeOffset now)
    {
        var users = call.Targets.Select(target => target.User).ToArray();
        var rings = await Prepare(call, users);
        var dismissed = await env.Store.GetDismissals(channel, users);
        foreach (var (user, ring) in rings)
        {
            if (_rings.TryGetValue(user, out var known) && known.Deadline == ring.Deadline)
                rings[user] = known;
            else
                rings[user] = ring with
                {
                    IsDismissed =
                        dismissed.TryGetValue(user, out var one)
                        && (one.Call, one.RingDeadline) == (call.Call, ring.Deadline),
                    IsReminded = ReminderOf(ring) <= now,
                    IsOver = ring.Deadline <= now,
                };
        }
        _rings = rings;
        return [.. rings.Where(r => r.Value is { IsOver: true, IsNoted: false }).Select(r => r.Key).Where(Misses)];

        bool Misses(UserId user) => call.FindTarget(user) is { Answer: TargetAnswer.None } && !IsBlocked(user);
    }

    public void Clear() => _rings.Clear();

    /// <summary>Whether the user's devices ring now.</summary>
    public bool IsHeard(CallState call, UserId user, DateTimeOffset now) =>
        call.IsRinging(user, now) && _rings.TryGetValue(user, out var ring) && ring.IsHeard;

    /// <summary>Who has missed the call as it stands: rung, and neither joined nor declined. One who was called across a block has not.</summary>
    public IEnumerable<UserId> MissedBy(CallState call) =>
        call.Targets.Where(t => t.Answer == TargetAnswer.None && !IsBlocked(t.User)).Select(t => t.User);

    /// <summary>Whether it is noted that the user missed the call.</summary>
    public bool IsNoted(UserId user) => _rings.TryGetValue(user, out var ring) && ring.IsNoted;

    /// <summary>It is noted that the user missed the call.</summary>
    public void Note(UserId user) => _rings[user] = _rings[user] with { IsNoted = true };

    /// <summary>Makes the user's devices quiet for the rest of this ring; false if they were.</summary>
    public async ValueTask<bool> Dismiss(CallState call, UserId user)
    {
        if (!_rings.TryGetValue(user, out var ring) || ring.IsDismissed)
            return false;
        await env.Store.PutDismissal(user, new Dismissal(channel, call.Call, ring.Deadline));
        _rings[user] = ring with { IsDismissed = true };
        return true;
    }

    /// <summary>The user has other settings now: a ring by somebody whom they have blocked stops. What else they set counts from the next ring on.</summary>
    public void Follow(CallState call, UserId user, CallSettings settings, DateTimeOffset now)
    {
        if (call.FindTarget(user) is not { } target || !_rings.TryGetValue(user, out var ring))
            return;
        if (!settings.Blocked.Contains(call.Initiator) && !settings.Blocked.Contains(target.RungBy))
            return;
        var rang = IsHeard(call, user, now);
        _rings[user] = ring with { Sound = RingSound.Blocked };
        if (rang)
            TellStopped(call, user, RingStopReason.Blocked);
    }

    /// <summary>The user is no target any more.</summary>
    /// <param name="before">The call as it was until then.</param>
    /// <param name="user">The user.</param>
    /// <param name="version">What made it so.</param>
    /// <param name="now">The time.</param>
    public void Remove(CallState before, UserId user, long version, DateTimeOffset now)
    {
        if (IsHeard(before, user, now))
            env.Outbox.ToUsers([user], new RingStopped(channel, before.Call, version, RingStopReason.Removed));
        _rings.Remove(user);
    }

    /// <summary>When <see cref="Tick"/> has something to do next; null if never.</summary>
    public DateTimeOffset? NextMoment(CallState call)
    {
        DateTimeOffset? next = null;
        foreach (var (user, ring) in _rings)
        {
            if (ring.IsOver || call.FindTarget(user) is not { Answer: TargetAnswer.None })
                continue;
            var moment = ring.IsReminded ? ring.Deadline : ReminderOf(ring);
            if (!(next <= moment))
                next = moment;
        }
        return next;
    }

    /// <summary>Reminds whose ring is half over, and stops those whose time is up while the call goes on.</summary>
    /// <returns>Who has missed the call by that.</returns>
    public IReadOnlyList<UserId> Tick(CallState call, DateTimeOffset now)
    {
        var unanswered = _rings
            .Where(r => !r.Value.IsOver && call.FindTarget(r.Key) is { Answer: TargetAnswer.None })
            .ToArray();
        var over = unanswered.Where(r => r.Value.Deadline <= now).ToArray();
        foreach (var (user, ring) in over)
        {
            if (ring.IsHeard)
                TellStopped(call, user, RingStopReason.Timeout);
            _rings[user] = ring with { IsOver = true };
        }
        var due = unanswered
            .Where(r => r.Value is { IsReminded: false } ring && ring.Deadline > now && ReminderOf(ring) <= now)
            .ToDictionary(r => r.Key, r => r.Value);
        foreach (var (user, ring) in due)
            _rings[user] = ring with { IsReminded = true };
        Announce(call, due, reminder: true);
        return [.. over.Select(r => r.Key).Where(user => !IsBlocked(user))];
    }

    private bool IsBlocked(UserId user) => _rings.TryGetValue(user, out var ring) && ring.Sound.IsBlocked();

    private async ValueTask<Dictionary<UserId, CallSettings>> ReadSettings(IReadOnlyCollection<UserId> users)
    {
        var settings = await Task.WhenAll(users.Select(user => env.Store.GetSettings(user).AsTask()));
        return users.Zip(settings).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private DateTimeOffset ReminderOf(Ring ring) => ring.Deadline - (env.Policy.RingTimeout / 2);

    private void TellStopped(CallState call, UserId user, RingStopReason reason) =>
        env.Outbox.ToUsers([user], new RingStopped(channel, call.Call, call.Version, reason));

    private void Announce(CallState call, Dictionary<UserId, Ring> rings, bool reminder)
    {
        foreach (var alike in rings.Where(r => r.Value.IsHeard).GroupBy(r => (r.Value.Deadline, r.Value.Sound)))
        {
            var ring = new IncomingCall(
                channel,
                call.Call,
                call.Version,
                call.Initiator,
                call.InitiatorName,
                call.Media,
                call.StartedAt,
                alike.Key.Deadline,
                Silent: alike.Key.Sound == RingSound.Silent
            )
            {
                Reminder = reminder,
            };
            env.Outbox.ToUsers([.. alike.Select(r => r.Key)], ring);
        }
    }
}

/// <summary>One target's ring as their devices know it.</summary>
/// <param name="Deadline">Until when, if they do not answer.</param>
/// <param name="Sound">How it is heard.</param>
internal sealed record Ring(DateTimeOffset Deadline, RingSound Sound)
{
    public bool IsDismissed { get; init; }

    public bool IsReminded { get; init; }

    /// <summary>Its time was up, and the devices have been told.</summary>
    public bool IsOver { get; init; }

    /// <summary>It stands in the user's history that they missed it.</summary>
    public bool IsNoted { get; init; }

    /// <summary>Whether devices are told of it.</summary>
    public bool IsHeard => !IsDismissed && Sound is RingSound.Loud or RingSound.Silent;
}
