using Calls.Actors.Calls;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>The life of a call, as the parties hear it.</summary>
public sealed class CallConversations
{
    private static readonly TimeSpan RingTimeout = new CallPolicy().RingTimeout;

    private readonly CallWorld _world = new();

    [Fact]
    public void The_first_one_in_rings_the_other_and_the_offer_follows_the_answer()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));

        var answer = alice.Starts("dm");

        answer["status"].ShouldBe("ringing");
        answer["version"].ShouldBe("1");
        bob.Hears<CallStartedEvent>().Initiator.Value.ShouldBe("alice");
        var ring = bob.Hears<IncomingCall>();
        ring.ExpiresAt.ShouldBe(ring.StartedAt + RingTimeout);
        alice.HearsNothingOf<CallStartedEvent>();
        alice.HearsNothingOf<IncomingCall>();
        alice.Hears<MediaOfferEvent>().Revision.ShouldBe(1);
    }

    [Fact]
    public void Joining_makes_it_active_and_every_member_hears_each_version_once()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");

        bob.Joins("dm")["status"].ShouldBe("active");

        alice.Hears<ParticipantJoinedEvent>().Version.ShouldBe(2);
        bob.Hears<ParticipantJoinedEvent>().UserId.Value.ShouldBe("bob");
        bob.Hears<MediaOfferEvent>();
        _world.Sessions.Count.ShouldBe(2);
    }

    [Fact]
    public void A_later_join_rings_nobody()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        alice.Forgets();

        carol.Forgets();
        carol.Joins("group");

        alice.HearsNothingOf<IncomingCall>();
        carol.HearsNothingOf<IncomingCall>();
        carol.Hears<ParticipantJoinedEvent>().Version.ShouldBe(3);
    }

    [Fact]
    public void A_second_start_is_told_the_call_that_exists_and_joins_it()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");

        var glare = bob.Starts("dm");

        glare.ShouldBeRefused(ErrorCode.CallAlreadyExists);
        glare.Reply.Call.ShouldNotBeNull();
        bob.Joins("dm")["participants"].ShouldBe("""["alice","bob"]""");
    }

    [Fact]
    public void Nobody_answers_for_90_seconds()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");

        _world.Pass(RingTimeout - TimeSpan.FromMilliseconds(1));
        alice.HearsNothingOf<CallEndedEvent>();
        _world.Pass(TimeSpan.FromMilliseconds(1));

        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
        var ended = bob.Hears<CallEndedEvent>();
        ended.Reason.ShouldBe(EndReason.NoAnswer);
        ended.DurationSecs.ShouldBeNull();
        _world.Sessions.ShouldBeEmpty();
    }

    [Fact]
    public void The_clock_jumps_by_an_hour_and_the_ring_ends_neither_early_nor_never()
    {
        var alice = _world.SignIn("alice");
        alice.Starts("dm");

        _world.Time.SetUtcNow(_world.Time.GetUtcNow().AddHours(1));
        alice.Switches("dm", new VoiceChange(Muted: true));
        _world.Pass(TimeSpan.FromSeconds(45));
        alice.HearsNothingOf<CallEndedEvent>();
        _world.Time.SetUtcNow(_world.Time.GetUtcNow().AddHours(-2));
        alice.Switches("dm", new VoiceChange(Muted: false));
        _world.Pass(TimeSpan.FromSeconds(45));

        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
    }

    [Fact]
    public void The_caller_hangs_up_while_it_rings()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");

        alice.Leaves("dm")["reason"].ShouldBe("cancelled");

        bob.Hears<ParticipantLeftEvent>().Version.ShouldBe(2);
        var ended = bob.Hears<CallEndedEvent>();
        (ended.Reason, ended.Version).ShouldBe((EndReason.Cancelled, 3));
    }

    [Fact]
    public void All_decline_and_it_ends_with_the_last_of_them()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");

        bob.Declines("group")["status"].ShouldBe("ringing");
        carol.Declines("group")["reason"].ShouldBe("all_declined");

        alice.Hears<CallDeclinedEvent>().UserId.Value.ShouldBe("bob");
        alice.Hears<CallDeclinedEvent>().UserId.Value.ShouldBe("carol");
        alice.Hears<CallEndedEvent>().Version.ShouldBe(4);
    }

    [Fact]
    public void In_a_dm_a_hang_up_by_either_ends_it_for_both_and_the_duration_runs_from_the_answer()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.Pass(TimeSpan.FromSeconds(20));
        bob.Joins("dm");
        _world.Pass(TimeSpan.FromSeconds(65));

        bob.Leaves("dm");

        alice.Hears<ParticipantLeftEvent>().Cause.ShouldBe(LeaveCause.Hangup);
        var ended = alice.Hears<CallEndedEvent>();
        (ended.Reason, ended.DurationSecs).ShouldBe((EndReason.LastLeft, 65));
        _world.Sessions.ShouldBeEmpty();
    }

    [Fact]
    public void A_group_call_goes_on_until_the_lonely_ones_time_is_over()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        carol.Joins("group");
        alice.Leaves("group");
        bob.Leaves("group");
        carol.HearsNothingOf<CallEndedEvent>();

        _world.Pass(new CallPolicy().AloneTimeout);

        carol.Hears<ParticipantLeftEvent>();
        carol.Hears<ParticipantLeftEvent>();
        carol.Hears<ParticipantLeftEvent>().Cause.ShouldBe(LeaveCause.Alone);
        carol.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.LastLeft);
    }

    [Fact]
    public void The_initiator_alone_may_end_it_for_all()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");

        bob.Ends("group").ShouldBeRefused(ErrorCode.Forbidden);
        alice.Ends("group")["reason"].ShouldBe("ended_by_initiator");

        carol.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.EndedByInitiator);
    }

    [Fact]
    public void An_ended_call_is_readable_for_five_seconds_and_no_hindrance_to_the_next()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        alice.Leaves("dm");

        alice.Gets("dm")["status"].ShouldBe("ended");
        alice.Leaves("dm").ShouldBeRefused(ErrorCode.CallNotFound);
        _world.Pass(TimeSpan.FromSeconds(5));
        alice.Gets("dm").Raw.ShouldBe("null");

        var first = alice.Starts("dm")["call_id"];
        alice.Leaves("dm");
        bob.Starts("dm")["call_id"].ShouldNotBe(first);
    }

    [Fact]
    public void A_stranger_cannot_tell_a_missing_call_a_missing_channel_and_somebody_elses_call_apart()
    {
        var (alice, mallory) = (_world.SignIn("alice"), _world.SignIn("mallory"));

        var missing = mallory.Gets("dm");
        var nowhere = mallory.Gets("nowhere");
        alice.Starts("dm");
        var others = mallory.Joins("dm");

        foreach (var answer in new[] { missing, nowhere, others })
            (answer.Code, answer.Message).ShouldBe((Refusals.NotFound.Code, Refusals.NotFound.Message));
        mallory.HearsNothing();
    }

    [Fact]
    public void Without_the_permission_to_call_one_sees_and_does_not_join()
    {
        _world.Channel(
            "half",
            ChannelKind.Group,
            new Member(new("alice"), "Alice", Permissions.Read | Permissions.Call),
            new Member(new("bob"), "Bob", Permissions.Read),
            new Member(new("carol"), "Carol", Permissions.Call),
            new Member(new("dave"), "Dave", Permissions.Read | Permissions.Call)
        );
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));

        alice.Starts("half")["target_users"].ShouldBe("""["dave"]""");

        bob.Hears<CallStartedEvent>();
        bob.HearsNothingOf<IncomingCall>();
        bob.Gets("half")["status"].ShouldBe("ringing");
        bob.Joins("half").ShouldBeRefused(ErrorCode.Forbidden);
        carol.HearsNothing();
        carol.Joins("half").ShouldBeRefused(ErrorCode.CallNotFound);
    }

    [Fact]
    public void Nobody_else_who_may_join_is_no_recipients()
    {
        _world.Channel(
            "lonely",
            ChannelKind.Group,
            new Member(new("alice"), "Alice", Permissions.Read | Permissions.Call),
            new Member(new("bob"), "Bob", Permissions.Read)
        );
        _world.SignIn("alice").Starts("lonely").ShouldBeRefused(ErrorCode.NoRecipients);
    }

    [Fact]
    public void Late_declines_double_declines_and_double_leaves_change_nothing()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        bob.Declines("group").ShouldBeRefused(ErrorCode.InvalidTransition);
        alice.Declines("group").ShouldBeRefused(ErrorCode.InvalidTransition);
        carol.Declines("group");
        carol.Declines("group").ShouldBeRefused(ErrorCode.InvalidTransition);
        carol.Leaves("group").ShouldBeRefused(ErrorCode.InvalidTransition);

        carol.Gets("group")["version"].ShouldBe("3");
        carol.Joins("group")["participants"].ShouldBe("""["alice","bob","carol"]""");
    }

    [Fact]
    public void Ringing_again_makes_targets_of_those_who_are_not_in_it()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        carol.Declines("group");
        carol.Forgets();

        alice.Rings("group")["declined_by"].ShouldBe("[]");

        carol.Hears<CallRinging>().UserIds.ShouldBe([new UserId("carol")]);
        carol.Hears<IncomingCall>();
        carol.Rings("group").ShouldBeRefused(ErrorCode.InvalidTransition);
        alice.Rings("group", "nobody").ShouldBeRefused(ErrorCode.InvalidMessage);
        carol.Joins("group");
        alice.Rings("group").ShouldBeRefused(ErrorCode.NoRecipients);
    }

    [Fact]
    public void Dismissing_quiets_the_users_other_devices_and_the_call_does_not_learn_of_it()
    {
        var (alice, phone, laptop) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("bob", "laptop"));
        alice.Starts("dm");

        phone.Dismisses("dm")["version"].ShouldBe("1");

        laptop.Hears<CallAnsweredElsewhere>().Action.ShouldBe(ElsewhereAction.Dismissed);
        phone.HearsNothingOf<CallAnsweredElsewhere>();
        _world.Describe("bob", "dm")!.Ringing.ShouldBe(false);
        alice.Dismisses("dm").ShouldBeRefused(ErrorCode.InvalidTransition);
        laptop.Joins("dm")["status"].ShouldBe("active");
    }

    [Fact]
    public void Voice_state_is_broadcast_kept_and_enforced()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        bob.Joins("dm");

        alice.Switches("dm", new VoiceChange(Muted: true))["version"].ShouldBe("3");

        bob.Hears<ParticipantUpdated>().VoiceState.Muted.ShouldBeTrue();
        _world.Sessions[_world.SessionOf("alice")].Flags.Muted.ShouldBeTrue();
        alice.Switches("dm", new VoiceChange(Muted: true))["version"].ShouldBe("3");
        _world.SignIn("carol").Switches("dm", new VoiceChange(Muted: true)).ShouldBeRefused(ErrorCode.CallNotFound);
    }

    [Fact]
    public void Too_many_starts_in_a_minute_are_told_when_to_try_again()
    {
        var world = new CallWorld(startsPerMinute: 5);
        var alice = world.SignIn("alice");
        for (var i = 0; i < 5; i++)
        {
            alice.Starts("dm").Code.ShouldBeNull();
            alice.Leaves("dm");
            world.Pass(TimeSpan.FromSeconds(1));
        }

        var sixth = alice.Starts("dm");

        sixth.ShouldBeRefused(ErrorCode.RateLimited);
        sixth.Reply.RetryAfter.ShouldBe(TimeSpan.FromSeconds(55));
        world.Pass(TimeSpan.FromSeconds(55));
        alice.Starts("dm").Code.ShouldBeNull();
    }

    [Fact]
    public void A_full_call_takes_no_more()
    {
        var world = new CallWorld(new CallPolicy { MaxParticipants = 2 });
        world.SignIn("alice").Starts("group");
        var bob = world.SignIn("bob");
        bob.Joins("group");
        world.SignIn("carol").Joins("group").ShouldBeRefused(ErrorCode.CallFull);
        bob.Joins("group").Code.ShouldBeNull("joining again is no new participant");
    }
}
