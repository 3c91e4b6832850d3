using System.Text.Json.Serialization;
using Calls.Protocol;

namespace Calls.Actors.Persistence.Embedded;

/// <summary>
/// One line of the log: what became so. Carries everything that was decided (fences, times), so that replaying is only
/// setting. Kinds and members may be added; one that is gone or means something else needs a new <see cref="Frame.Format"/>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(ChannelPut), "channel")]
[JsonDerivedType(typeof(ChannelDeleted), "channel_deleted")]
[JsonDerivedType(typeof(Appended), "append")]
[JsonDerivedType(typeof(OpenPut), "open")]
[JsonDerivedType(typeof(OutcomePut), "outcome")]
[JsonDerivedType(typeof(CurrentCallPut), "current")]
[JsonDerivedType(typeof(LiveAdded), "live")]
[JsonDerivedType(typeof(LiveRemoved), "live_removed")]
[JsonDerivedType(typeof(HistoryPut), "history")]
[JsonDerivedType(typeof(UnsettledPut), "unsettled")]
[JsonDerivedType(typeof(Settled), "settled")]
[JsonDerivedType(typeof(SettingsPut), "settings")]
[JsonDerivedType(typeof(DismissalPut), "dismissal")]
[JsonDerivedType(typeof(UserCallsPut), "user_calls")]
[JsonDerivedType(typeof(CallsSeen), "calls_seen")]
[JsonDerivedType(typeof(WebhooksPut), "webhooks")]
[JsonDerivedType(typeof(WebhooksRemoved), "webhooks_removed")]
[JsonDerivedType(typeof(SecretAdded), "secret")]
[JsonDerivedType(typeof(Several), "several")]
[JsonDerivedType(typeof(Probed), "probe")]
[JsonDerivedType(typeof(SnapshotEnd), "end")]
internal abstract record Change;

internal sealed record ChannelPut(Channel Channel) : Change;

internal sealed record ChannelDeleted(ChannelId Channel) : Change;

/// <param name="Open">The call as it is live from here on; null when it has ended.</param>
/// <param name="Until">When an ended call's journal is to go.</param>
/// <param name="History">The ended call, which is unsettled with this; null when it goes into no history, as before there was one.</param>
/// <param name="Webhooks">What waits to be delivered with this; null when nothing does, as before there were webhooks.</param>
internal sealed record Appended(
    ChannelId Channel,
    CallId Call,
    IReadOnlyList<JournalEntry> Entries,
    OpenCall? Open,
    DateTimeOffset? Until,
    OutcomePut? Outcome,
    HistoryEntry? History = null,
    WebhooksPut? Webhooks = null
) : Change;

internal sealed record OpenPut(OpenCall Open) : Change;

internal sealed record OutcomePut(
    ChannelId Channel,
    UserId User,
    CommandId Command,
    byte[] Payload,
    DateTimeOffset Until
) : Change;

internal sealed record HistoryPut(ChannelId Channel, IReadOnlyList<HistoryEntry> Entries) : Change;

internal sealed record UnsettledPut(ChannelId Channel, CallId Call) : Change;

internal sealed record Settled(ChannelId Channel, CallId Call) : Change;

internal sealed record SettingsPut(UserId User, CallSettings Settings) : Change;

internal sealed record DismissalPut(UserId User, Dismissal Dismissal) : Change;

internal sealed record UserCallsPut(UserId User, IReadOnlyList<UserCall> Calls) : Change;

internal sealed record CallsSeen(UserId User, IReadOnlyList<CallId> Calls) : Change;

internal sealed record CurrentCallPut(UserId User, CurrentCall? Current) : Change;

internal sealed record LiveAdded(ChannelId Channel, IReadOnlyCollection<UserId> Users) : Change;

internal sealed record LiveRemoved(ChannelId Channel, IReadOnlyCollection<UserId> Users) : Change;

/// <param name="First">The number of the first; the others' follow. Without webhooks it only says that all lower numbers are used up.</param>
/// <param name="Webhooks">In the order of arrival.</param>
internal sealed record WebhooksPut(long First, IReadOnlyList<WebhookMessage> Webhooks) : Change;

internal sealed record WebhooksRemoved(IReadOnlyList<long> Numbers) : Change;

internal sealed record SecretAdded(string Name, byte[] Value) : Change;

/// <summary>All of them or none.</summary>
internal sealed record Several(IReadOnlyList<Change> Changes) : Change;

/// <summary>Says nothing but that it could be written.</summary>
internal sealed record Probed : Change;

/// <summary>Says that a snapshot is whole.</summary>
internal sealed record SnapshotEnd : Change;
