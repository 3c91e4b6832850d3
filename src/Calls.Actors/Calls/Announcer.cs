using System.Text.Json;
using Calls.Actors.Kernel;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Calls;

/// <summary>Says to the channel's members what has happened to their call: each journaled event once to each of them.</summary>
internal sealed class Announcer(IOutbox outbox)
{
    /// <summary>Announces <paramref name="happened"/>, which made <paramref name="after"/>.</summary>
    /// <param name="happened">The journaled event.</param>
    /// <param name="after">The state that it led to.</param>
    /// <param name="members">Everybody who may see calls of the channel, and a participant who is just being removed.</param>
    /// <param name="starter">The device that started the call, which is not told so.</param>
    /// <param name="connection">How each participant's connection is seen.</param>
    public void Announce(
        CallEvent happened,
        CallState after,
        IReadOnlyCollection<UserId> members,
        DeviceId? starter,
        Func<UserId, ConnectionState> connection
    )
    {
        var (channel, call, version) = (after.Channel, after.Call, after.Version);
        using var span = ActorTraces.Source.StartActivity("publish event");
        span?.SetTag("calls.event", JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.GetType().Name))
            .SetTag("calls.channel.id", channel.Value)
            .SetTag("calls.call.id", call.Value)
            .SetTag("calls.call.version", version);
        switch (happened)
        {
            case CallStarted e:
                outbox.ToUsers(
                    members,
                    new CallStartedEvent(channel, call, version, e.Initiator, e.InitiatorName, e.Media, e.At),
                    starter is null ? null : (e.Initiator, starter)
                );
                break;
            case ParticipantJoined e:
                outbox.ToUsers(members, new ParticipantJoinedEvent(channel, call, version, e.User, e.Name));
                break;
            case ParticipantLeft e:
                outbox.ToUsers(members, new ParticipantLeftEvent(channel, call, version, e.User, e.Cause));
                break;
            case CallDeclined e:
                outbox.ToUsers(members, new CallDeclinedEvent(channel, call, version, e.User));
                break;
            case VoiceChanged e:
                var view = VoiceStateView.Of(after.FindParticipant(e.User)!, connection(e.User));
                outbox.ToUsers(members, new ParticipantUpdated(channel, call, version, view));
                break;
            case MembersRung e:
                var targets = after.Targets.Select(t => t.User);
                outbox.ToUsers(members, new CallRinging(channel, call, version, e.Users, [.. targets]));
                break;
            case TargetRemoved e:
                outbox.ToUsers(members, new TargetRemovedEvent(channel, call, version, e.User));
                break;
            case CallEnded e:
                outbox.ToUsers(
                    members,
                    new CallEndedEvent(channel, call, version, e.Reason, after.DurationSeconds, e.At)
                );
                break;
        }
    }
}
