using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>
/// Writes what the chat app's backends are told of a channel's calls. What follows from journaled events goes into the
/// outbox in their own append; a missed call that does not comes before it is noted with the user, so that a crash in
/// between tells it twice rather than never. An id is made of what it stands for, so that the receiver can tell.
/// </summary>
internal sealed class WebhookWriter(ChannelId channel, CallEnvironment env)
{
    /// <summary>Whether anybody wants to be told. If not, nothing is made, written or looked up.</summary>
    private bool IsWanted => env.Webhooks.Names.Count > 0;

    /// <summary>A call has started.</summary>
    /// <param name="call">The call as it is then.</param>
    /// <param name="members">All who may see it.</param>
    /// <param name="rings">How it rings.</param>
    public IReadOnlyList<WebhookMessage> Started(
        CallState call,
        IReadOnlyCollection<UserId> members,
        IReadOnlyDictionary<UserId, Ring> rings
    )
    {
        if (!IsWanted)
            return [];
        var heard = rings.Where(r => r.Value.IsHeard).OrderBy(r => r.Key);
        var data = new CallStartedWebhook
        {
            ChannelId = channel,
            CallId = call.Call,
            Initiator = call.Initiator,
            InitiatorName = call.InitiatorName,
            Media = call.Media,
            StartedAt = call.StartedAt,
            ExpiresAt = call.Targets.Max(t => t.RingDeadline),
            Members = [.. members],
            Rings = [.. heard.Select(r => new WebhookRing(r.Key, r.Value.Sound == RingSound.Silent))],
        };
        return ToAll(WebhookTypes.CallStarted, call.Call, call.StartedAt, data, "");
    }

    /// <summary>A call has ended, and with it the chance to answer.</summary>
    /// <param name="call">The call as it ended.</param>
    /// <param name="ended">What its history holds of it.</param>
    /// <param name="members">All who may see it.</param>
    /// <param name="missedNow">Those who missed it and have not been told so yet.</param>
    public IReadOnlyList<WebhookMessage> Ended(
        CallState call,
        EndedCall ended,
        IReadOnlyCollection<UserId> members,
        IEnumerable<UserId> missedNow
    )
    {
        if (!IsWanted)
            return [];
        var at = call.EndedAt!.Value;
        var data = new CallEndedWebhook
        {
            ChannelId = channel,
            CallId = call.Call,
            Initiator = call.Initiator,
            InitiatorName = call.InitiatorName,
            Media = call.Media,
            StartedAt = call.StartedAt,
            AnsweredAt = call.AnsweredAt,
            EndedAt = at,
            Reason = call.Reason!.Value,
            DurationSecs = call.DurationSeconds,
            Members = [.. members],
            Participants = call.TookPart,
            DeclinedBy = ended.Call.DeclinedBy,
            MissedBy = ended.MissedBy,
        };
        return
        [
            .. ToAll(WebhookTypes.CallEnded, call.Call, at, data, ""),
            .. missedNow.SelectMany(user => Missed(CallHistory.MissedEntry(call), user, call.FindTarget(user), at)),
        ];
    }

    /// <summary>A user has missed a call that was never made, or that goes on without them.</summary>
    /// <param name="call">The call.</param>
    /// <param name="user">Who missed it.</param>
    /// <param name="target">Their ring; null if there was none.</param>
    /// <param name="at">When it was clear.</param>
    public async ValueTask PutMissed(UserCall call, UserId user, Target? target, DateTimeOffset at)
    {
        if (!IsWanted)
            return;
        await env.Store.PutWebhooks(channel, Missed(call, user, target, at));
        env.Webhooks.Wake(channel);
    }

    /// <summary>One who is rung again can miss the same call again: that is told anew, so the ring belongs to the id.</summary>
    private IReadOnlyList<WebhookMessage> Missed(UserCall call, UserId user, Target? target, DateTimeOffset at)
    {
        var data = new MissedCallWebhook
        {
            ChannelId = channel,
            CallId = call.Call,
            UserId = user,
            Initiator = call.Initiator,
            InitiatorName = call.InitiatorName,
            Media = call.Media,
            StartedAt = call.StartedAt,
        };
        var ring = target?.RingDeadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return ToAll(WebhookTypes.MissedCall, call.Call, at, data, $"{user}/{ring}");
    }

    private IReadOnlyList<WebhookMessage> ToAll<T>(string type, CallId call, DateTimeOffset at, T data, string which)
    {
        var id = IdOf($"{call}/{type}/{which}");
        var body = WireJson.WriteView(new WebhookBody<T>(type, at, data));
        return [.. env.Webhooks.Names.Select(name => new WebhookMessage(name, id, call, at, body))];
    }

    /// <summary>A hash, as ids of users and calls may hold dots, and the dot divides what is signed.</summary>
    private static string IdOf(string what) =>
        "msg_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)).AsSpan(0, 16));
}
