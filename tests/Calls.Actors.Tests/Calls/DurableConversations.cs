using Calls.Actors.Calls;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>What outlives a killed process, a repeated command and a failing store (S3, S10, S19).</summary>
public sealed class DurableConversations
{
    private readonly CallWorld _world = new();

    [Fact]
    public void A_ring_goes_on_to_its_deadline_after_the_process_was_killed()
    {
        var alice = _world.SignIn("alice");
        alice.Starts("dm");
        _world.Pass(TimeSpan.FromSeconds(30));

        _world.KillAndRestart();
        alice = _world.SignIn("alice");
        var bob = _world.SignIn("bob");

        _world.Describe("bob", "dm")!.Ringing.ShouldBe(true);
        _world.Pass(TimeSpan.FromSeconds(59));
        bob.HearsNothingOf<CallEndedEvent>();
        _world.Pass(TimeSpan.FromSeconds(1));
        bob.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
    }

    [Fact]
    public void A_ring_whose_deadline_passed_while_no_process_was_there_ends_when_one_is()
    {
        _world.SignIn("alice").Starts("dm");

        _world.KillAndRestart(after: TimeSpan.FromSeconds(100));
        var bob = _world.SignIn("bob");

        _world.Describe("bob", "dm").ShouldBeNull();
        bob.Gets("dm")["reason"].ShouldBe("no_answer");
        _world.CallsOf("bob", UserCallFilter.Unseen).Count.ShouldBe(1);
    }

    [Fact]
    public void An_active_call_goes_on_after_the_process_was_killed_for_those_who_come_back_in_time()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        bob.Joins("dm");

        _world.KillAndRestart();
        alice = _world.SignIn("alice");
        _world.Describe("alice", "dm")!.Status.ShouldBe(CallStatus.Active);
        alice.Hears<MediaOfferEvent>();
        _world.Pass(new CallPolicy().ReconnectGrace);

        alice.Hears<ParticipantLeftEvent>().UserId.Value.ShouldBe("bob");
        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.LastLeft);
    }

    [Fact]
    public void A_repeated_command_takes_effect_once_and_gets_the_first_answer_also_after_the_end()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        var first = alice.Starts("dm", command: "c1").Raw;
        bob.Joins("dm");
        alice.Forgets();

        alice.Starts("dm", command: "c1").Raw.ShouldBe(first);
        alice.Hears<MediaOfferEvent>();
        var left = alice.Leaves("dm", command: "c2").Raw;
        _world.KillAndRestart();
        alice = _world.SignIn("alice");
        alice.Leaves("dm", command: "c2").Raw.ShouldBe(left);
        alice.Starts("dm", command: "c1").Raw.ShouldBe(first);
        alice.HearsNothingOf<MediaOfferEvent>();
        alice.Joins("dm", command: "c1").ShouldBeRefused(ErrorCode.InvalidMessage);
    }

    [Fact]
    public void A_refusal_is_not_remembered()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        bob.Joins("dm", command: "j").ShouldBeRefused(ErrorCode.CallNotFound);
        alice.Starts("dm");
        bob.Joins("dm", command: "j").Code.ShouldBeNull();
    }

    [Fact]
    public void Joining_another_call_leaves_the_first()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("dm");
        bob.Joins("dm");
        carol.Starts("group");
        alice.Forgets();

        bob.Joins("group");

        var left = alice.Hears<ParticipantLeftEvent>();
        (left.UserId.Value, left.Cause, left.ChannelId.Value).ShouldBe(("bob", LeaveCause.Moved, "dm"));
        alice.Hears<CallEndedEvent>().ChannelId.Value.ShouldBe("dm");
        _world.Sessions.Values.Count(s => s.User.Value == "bob").ShouldBe(1);
    }

    [Fact]
    public void A_place_that_changes_in_the_instant_of_a_join_is_looked_at_again()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("group");
        var other = new CurrentCall(new("dm"), new("over"), new("old"), bob.Id);
        var isFirst = true;
        _world.Store.Before = async name =>
        {
            if (name != nameof(ICallStore.SwapCurrentCall) || !isFirst)
                return;
            isFirst = false;
            (await _world.Store.SwapCurrentCall(bob.User, null, other)).ShouldBeTrue();
        };

        bob.Joins("group").Code.ShouldBeNull();

        isFirst.ShouldBeFalse();
        _world.Ask(s => s.GetCurrentCall(bob.User))!.Channel.Value.ShouldBe("group");
    }

    [Fact]
    public void A_refused_join_leaves_nothing()
    {
        var world = new CallWorld(new CallPolicy { MaxParticipants = 2 });
        var (alice, bob, carol) = (world.SignIn("alice"), world.SignIn("bob"), world.SignIn("carol"));
        world.Channel("other", ChannelKind.Direct, "carol", "dave");
        alice.Starts("group");
        bob.Joins("group");
        carol.Starts("other");

        carol.Joins("group").ShouldBeRefused(ErrorCode.CallFull);

        carol.Gets("other")["participants"].ShouldBe("""["carol"]""");
    }

    [Theory]
    [InlineData(nameof(ICallStore.SwapCurrentCall))]
    [InlineData(nameof(ICallStore.Append))]
    public void Killed_between_two_steps_of_a_move_one_is_in_one_call_afterwards(string step)
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("dm");
        bob.Joins("dm");
        carol.Starts("group");
        var killed = new TaskCompletionSource();
        _world.Store.After = name => name == step ? new ValueTask(killed.Task) : ValueTask.CompletedTask;
        _world.Tell(
            new CallRequest(
                new Caller(bob.User, "bob", bob.Id, bob.Connection),
                new CallJoinRequest(new("group")),
                new Unheard()
            )
        );

        _world.Store.After = _ => ValueTask.CompletedTask;
        _world.KillAndRestart();
        bob = _world.SignIn("bob");
        alice = _world.SignIn("alice");
        carol = _world.SignIn("carol");

        var calls = new[] { "dm", "group" }.Count(c =>
            _world.Describe("bob", c) is { } call && call.Participants.Contains(bob.User)
        );
        calls.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void A_store_that_is_away_costs_an_error_and_loses_nothing()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.Store.Before = name =>
            name == nameof(ICallStore.Append) ? throw new StoreUnavailableException("away") : ValueTask.CompletedTask;

        bob.Joins("dm").ShouldBeRefused(ErrorCode.InternalError);
        alice.HearsNothingOf<ParticipantJoinedEvent>();
        _world.Store.Before = _ => ValueTask.CompletedTask;

        bob.Joins("dm")["version"].ShouldBe("2");
    }

    [Fact]
    public void An_append_whose_answer_was_lost_is_found_when_the_store_is_back()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.Store.After = name =>
            name == nameof(ICallStore.Append)
                ? throw new StoreUnavailableException("answer lost")
                : ValueTask.CompletedTask;
        bob.Joins("dm", command: "j").ShouldBeRefused(ErrorCode.InternalError);
        _world.Store.After = _ => ValueTask.CompletedTask;

        bob.Joins("dm", command: "j")["version"].ShouldBe("2");
        bob.Hears<MediaOfferEvent>();
    }

    [Fact]
    public void A_ring_whose_end_could_not_be_journaled_ends_when_the_store_is_back()
    {
        var alice = _world.SignIn("alice");
        alice.Starts("dm");
        _world.Store.Before = name =>
            name == nameof(ICallStore.Append) ? throw new StoreUnavailableException("away") : ValueTask.CompletedTask;
        _world.Pass(TimeSpan.FromSeconds(100));
        alice.HearsNothingOf<CallEndedEvent>();

        _world.Store.Before = _ => ValueTask.CompletedTask;
        _world.Pass(TimeSpan.FromSeconds(2));

        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
    }

    [Fact]
    public void Removed_members_are_out_at_once_and_hear_it_as_the_last()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        bob.Forgets();

        _world.Edit("group", new PatchMembers([], [bob.User])).Code.ShouldBeNull();

        bob.Hears<ParticipantLeftEvent>().Cause.ShouldBe(LeaveCause.Removed);
        _world.Sessions.Values.ShouldNotContain(s => s.User == bob.User);
        bob.Gets("group").ShouldBeRefused(ErrorCode.CallNotFound);
        _world.Edit("group", new PatchMembers([], [carol.User]));
        alice.Hears<TargetRemovedEvent>().UserId.ShouldBe(carol.User);
        carol.HearsNothingOf<TargetRemovedEvent>();
        carol.Hears<RingStopped>().Reason.ShouldBe(RingStopReason.Removed);
        bob.HearsNothing();
    }

    [Fact]
    public void A_deleted_channel_has_no_call()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        bob.Joins("dm");

        _world.Edit("dm", new DeleteChannel()).Code.ShouldBeNull();

        bob.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.ChannelDeleted);
        alice.Gets("dm").ShouldBeRefused(ErrorCode.CallNotFound);
        _world.Edit("dm", new DeleteChannel()).ShouldBeRefused(ErrorCode.CallNotFound);
    }

    [Fact]
    public void Ten_thousand_calls_leave_no_session_timer_actor_or_record_behind()
    {
        var world = new CallWorld(startsPerMinute: 1_000_000);
        var (alice, bob) = (world.SignIn("alice"), world.SignIn("bob"));
        for (var i = 0; i < 10_000; i++)
        {
            alice.Starts("dm", command: $"s{i}").Code.ShouldBeNull();
            bob.Joins("dm", command: $"j{i}").Code.ShouldBeNull();
            bob.Leaves("dm", command: $"l{i}").Code.ShouldBeNull();
            alice.Forgets();
            bob.Forgets();
        }
        world.Pass(TimeSpan.FromMinutes(1));

        world.Sessions.ShouldBeEmpty();
        world.Time.NextDue.ShouldBeNull("no timer is left, and with it no actor that waits for one");
        world.Ask(s => s.ListOpen()).ShouldBeEmpty();
        world.Ask(s => s.ListUnsettled()).ShouldBeEmpty();
        foreach (var user in new[] { alice.User, bob.User })
        {
            world.Ask(s => s.LiveChannels(user)).ShouldBeEmpty();
            world.Ask(s => s.GetCurrentCall(user)).ShouldBeNull();
        }
        world.HistoryOf("dm").Count.ShouldBe(100, "a page of what is kept");
        world.Pass(new StoreOptions().HistoryRetention);
        world.HistoryOf("dm").ShouldBeEmpty();
        world.CallsOf("alice").ShouldBeEmpty();
    }

    private sealed class Unheard : ICallReply
    {
        public void Answer(CallReply reply) { }
    }
}
