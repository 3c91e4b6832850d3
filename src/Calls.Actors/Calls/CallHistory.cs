using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>
/// What remains of a call: the channel's history gets it in the same change as its end, and afterwards each user's own.
/// Until that is done the call counts as unsettled, so that after a crash in between the rest is done.
/// </summary>
internal sealed class CallHistory(ChannelId channel, CallEnvironment env)
{
    private readonly WebhookWriter _webhooks = new(channel, env);

    /// <summary>How far back a user's missed calls are looked through before one is put there after a restart.</summary>
    private const int LookedThrough = 20;

    /// <summary>What goes into the channel's history with the end.</summary>
    public static HistoryEntry EntryOf(EndedCall ended) =>
        new(ended.Call.CallId, ended.Call.StartedAt, WireJson.WriteView(ended));

    /// <summary>A call that goes on as its user's history holds it when they have missed it.</summary>
    public static UserCall MissedEntry(CallState call) =>
        new(call.Call, call.Channel, call.Initiator, call.InitiatorName, call.Media, call.StartedAt, MissedMark.Unseen);

    /// <summary>The user has missed this call, which goes on: the backend is told, it stands in their history, and their devices are told.</summary>
    public async ValueTask Miss(CallState call, UserId user)
    {
        var target = call.FindTarget(user);
        await _webhooks.PutMissed(MissedEntry(call), user, target, target?.RingDeadline ?? call.LastAt);
        await Note(MissedEntry(call), user, call.Version);
    }

    /// <summary>The same for one who may have it noted already: a restart must not make unseen what was seen.</summary>
    public async ValueTask MissUnlessNoted(CallState call, UserId user)
    {
        if (!await IsNoted(call.Call, user))
            await Miss(call, user);
    }

    /// <summary>The user has come, or said no, after all.</summary>
    public ValueTask Forgive(CallState call, UserId user) =>
        env.Store.PutUserCall(
            user,
            new UserCall(call.Call, channel, call.Initiator, call.InitiatorName, call.Media, call.StartedAt, null)
        );

    /// <summary>A call that was never made, because its target did not want to be disturbed: it stands with them alone.</summary>
    public async ValueTask MissUnmade(UserCall call, UserId target)
    {
        await _webhooks.PutMissed(call, target, null, call.StartedAt);
        await Note(call, target, version: 0);
    }

    /// <summary>Tells an ended call to the users' own histories, and those who missed it that they did. The backend's webhooks came with the end itself.</summary>
    /// <param name="ended">The call, as it stands in the channel's history.</param>
    /// <param name="isNoted">Who has it noted already.</param>
    public async ValueTask Settle(EndedCall ended, Func<UserId, ValueTask<bool>> isNoted)
    {
        var known = ended.KnownTo.Select(user => env.Store.PutUserCall(user, Of(ended, null)).AsTask());
        var missed = ended.MissedBy.Select(MissOnce);
        await Task.WhenAll([.. known, .. missed]);
        await env.Store.Settle(channel, ended.Call.CallId);

        async Task MissOnce(UserId user)
        {
            if (!await isNoted(user))
                await Note(Of(ended, MissedMark.Unseen), user, ended.Call.Version);
        }
    }

    /// <summary>Does what is left to do of a call that had ended before a restart.</summary>
    public async ValueTask Resettle(CallId call)
    {
        if (await env.Store.FindHistory(channel, call) is { } entry)
            await Settle(WireJson.ReadEndedCall(entry.Payload), user => IsNoted(call, user));
        else
            await env.Store.Settle(channel, call);
    }

    private async ValueTask Note(UserCall call, UserId user, long version)
    {
        await env.Store.PutUserCall(user, call);
        env.Outbox.ToUsers(
            [user],
            new MissedCallEvent(
                channel,
                call.Call,
                version,
                call.Initiator,
                call.InitiatorName,
                call.Media,
                call.StartedAt
            )
        );
    }

    private async ValueTask<bool> IsNoted(CallId call, UserId user)
    {
        var missed = await env.Store.ListUserCalls(user, UserCallFilter.Missed, before: null, LookedThrough);
        return missed.Any(known => known.Call == call);
    }

    private UserCall Of(EndedCall ended, MissedMark? missed)
    {
        var call = ended.Call;
        return new(call.CallId, channel, call.StartedBy, ended.InitiatorName, call.Media, call.StartedAt, missed);
    }
}
