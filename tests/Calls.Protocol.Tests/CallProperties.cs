using System.Collections.Immutable;
using Calls.Protocol.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Calls.Protocol.Tests;

/// <summary>Any commands, by any users, in any order, at any time: what stays true of a call.</summary>
public sealed class CallProperties
{
    private const int Runs = 3000;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CallPolicy Policy = new() { MaxParticipants = 4 };
    private static readonly ImmutableArray<UserId> Users = [.. "abcdef".Select(c => new UserId(c.ToString()))];

    /// <summary>One command as a plain value: what, by whom, to whom, and how many milliseconds after the one before (the clock may go back).</summary>
    public sealed record Step(int Kind, int User, int Other, int Milliseconds);

    private static readonly Gen<Step> Steps =
        from kind in Gen.Choose(0, 10)
        from user in Gen.Choose(0, Users.Length - 1)
        from other in Gen.Choose(0, Users.Length - 1)
        from wait in Gen.Frequency(
            (5, Gen.Choose(0, 5_000)),
            (2, Gen.Choose(60_000, 200_000)),
            (1, Gen.Choose(-60_000, 0))
        )
        select new Step(kind, user, other, wait);

    private static readonly Gen<(ChannelKind Kind, Step[] Steps)> Stories =
        from direct in Gen.Elements(true, false)
        from steps in Steps.ArrayOf()
        select (direct ? ChannelKind.Direct : ChannelKind.Group, steps);

    [Fact]
    public void Any_sequence_of_commands_keeps_the_invariants() =>
        ForAll(
            (state, decision, after) =>
            {
                after.Version.ShouldBe(state.Version + decision.Events.Length);
                after.Participants.Select(p => p.User).ShouldBeUnique();
                after.Targets.Select(t => t.User).ShouldBeUnique();
                after.Participants.Length.ShouldBeLessThanOrEqualTo(Policy.MaxParticipants);
                switch (after.Status)
                {
                    case CallStatus.Ringing:
                        after.Participants.Select(p => p.User).ShouldBe([after.Initiator]);
                        after.AnsweredAt.ShouldBeNull();
                        after.Targets.ShouldContain(
                            t => t.Answer == TargetAnswer.None,
                            "somebody must still be able to answer"
                        );
                        after.NextDeadline().ShouldNotBeNull("every ring must end");
                        break;
                    case CallStatus.Active:
                        after.Participants.ShouldNotBeEmpty();
                        after.AnsweredAt.ShouldNotBeNull();
                        (after.Participants.Length == 1).ShouldBe(
                            after.AloneDeadline is not null,
                            "the lonely one's time runs"
                        );
                        if (after.Kind == ChannelKind.Direct)
                            after.Participants.Length.ShouldBe(2);
                        break;
                    case CallStatus.Ended:
                        after.EndedAt.ShouldNotBeNull();
                        after.Reason.ShouldNotBeNull();
                        after.NextDeadline().ShouldBeNull();
                        break;
                }
            }
        );

    [Fact]
    public void Ended_is_terminal() =>
        ForAll(
            (state, decision, _) =>
            {
                if (state.Status == CallStatus.Ended)
                    decision.Events.ShouldBeEmpty();
            }
        );

    [Fact]
    public void A_refusal_changes_nothing() =>
        ForAll(
            (_, decision, _) =>
            {
                if (decision.Refusal is not null)
                    decision.Events.ShouldBeEmpty();
            }
        );

    [Fact]
    public void Times_never_go_back_and_durations_come_from_the_journaled_times() =>
        ForAll(
            (state, decision, after) =>
            {
                foreach (var happened in decision.Events)
                    happened.At.ShouldBeGreaterThanOrEqualTo(state.LastAt);
                if (after is { Status: CallStatus.Ended, AnsweredAt: { } answered })
                    after.DurationSeconds.ShouldBe((long)(after.EndedAt!.Value - answered).TotalSeconds);
                if (after is { Status: CallStatus.Ended, AnsweredAt: null })
                    after.DurationSeconds.ShouldBeNull();
            }
        );

    [Fact]
    public void Replay_of_the_journal_equals_the_live_state() =>
        Prop.ForAll(
                Stories.ToArbitrary(),
                story =>
                {
                    var live = CallState.Empty;
                    var journal = new List<byte[]>();
                    foreach (var (_, decision, after) in Run(story.Kind, story.Steps))
                    {
                        journal.AddRange(decision.Events.Select(WireJson.WriteEvent));
                        live = after;
                    }
                    var replayed = CallState.Replay(journal.Select(bytes => WireJson.ReadEvent(bytes)));
                    Describe(replayed).ShouldBe(Describe(live));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));

    [Fact]
    public void Whoever_is_out_may_leave_nothing_behind_by_leaving_again() =>
        ForAll(
            (state, _, _) =>
            {
                foreach (var user in Users.Where(u => state.FindParticipant(u) is null))
                {
                    var decision = state.Decide(new LeaveCall(state.LastAt, user, LeaveCause.Hangup), Policy);
                    decision.Events.ShouldBeEmpty();
                    decision.Refusal.ShouldNotBeNull();
                }
            }
        );

    [Fact]
    public void Time_alone_ends_every_call_that_nobody_answers() =>
        ForAll(
            (_, _, after) =>
            {
                if (after.Status != CallStatus.Ringing)
                    return;
                var ends = after.Decide(new PassTime(after.NextDeadline()!.Value), Policy).Events;
                ends.ShouldHaveSingleItem().ShouldBeOfType<CallEnded>().Reason.ShouldBe(EndReason.NoAnswer);
            }
        );

    private static void ForAll(Action<CallState, Decision, CallState> check) =>
        Prop.ForAll(
                Stories.ToArbitrary(),
                story =>
                {
                    foreach (var (state, decision, after) in Run(story.Kind, story.Steps))
                        check(state, decision, after);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));

    private static IEnumerable<(CallState State, Decision Decision, CallState After)> Run(
        ChannelKind kind,
        Step[] steps
    )
    {
        var state = CallState.Empty;
        var now = Start;
        var members = kind == ChannelKind.Direct ? Users.Slice(0, 2) : Users;
        foreach (var step in steps.Prepend(new Step(0, 0, 0, 0)))
        {
            now += TimeSpan.FromMilliseconds(step.Milliseconds);
            var decision = state.Decide(Command(step, kind, members, now), Policy);
            var after = decision.Events.Aggregate(state, (s, e) => s.Apply(e));
            yield return (state, decision, after);
            state = after;
        }
    }

    private static CallCommand Command(Step step, ChannelKind kind, ImmutableArray<UserId> members, DateTimeOffset now)
    {
        var user = members[step.User % members.Length];
        var other = members[step.Other % members.Length];
        return step.Kind switch
        {
            0 => new StartCall(now, new("c"), kind, new("1"), CallMedia.Audio, user, user.Value, members.Remove(user)),
            1 or 2 => new JoinCall(now, user, user.Value),
            3 => new DeclineCall(now, user),
            4 => new LeaveCall(now, user, LeaveCause.Hangup),
            5 => new LeaveCall(now, user, LeaveCause.Disconnected),
            6 => new EndCall(now, user),
            7 => new RingMembers(now, user, [other, user]),
            8 => new ChangeVoice(now, user, new VoiceChange(Muted: step.Other % 2 == 0, Video: step.Other == 1)),
            9 when step.Other % 3 == 0 => new RemoveMember(now, user),
            _ => new PassTime(now),
        };
    }

    private static string Describe(CallState state) =>
        string.Join(
            '|',
            WireJson.WriteView(CallView.Of(state, state.LastAt, _ => ConnectionState.Connected)) is var json
                ? System.Text.Encoding.UTF8.GetString(json)
                : "",
            string.Join(',', state.Targets),
            state.AloneDeadline,
            state.NextDeadline(),
            state.LastAt
        );
}
