using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>What users have set about being called (S11, S12), and what nobody may learn from it.</summary>
public sealed class SettingsConversations
{
    private readonly CallWorld _world = new();

    [Fact]
    public void A_quiet_user_is_shown_the_call_without_a_sound()
    {
        _world.Sets("bob", Notifications.Quiet);
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));

        alice.Starts("dm");

        bob.Hears<IncomingCall>().Silent.ShouldBeTrue();
    }

    [Fact]
    public void One_who_does_not_want_to_be_disturbed_is_unavailable_in_a_dm_and_finds_the_call_missed()
    {
        _world.Sets("bob", Notifications.DoNotDisturb);
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));

        alice.Starts("dm").ShouldBeRefused(ErrorCode.UserUnavailable);

        var missed = bob.Hears<MissedCallEvent>();
        missed.Version.ShouldBe(0);
        missed.Initiator.ShouldBe(alice.User);
        bob.HearsNothing();
        alice.HearsNothing();
        _world.CallsOf("bob", UserCallFilter.Unseen).Single().Call.ShouldBe(missed.CallId);
        _world.CallsOf("alice").ShouldBeEmpty();
        _world.HistoryOf("dm").ShouldBeEmpty();
    }

    [Fact]
    public void In_a_group_one_who_does_not_want_to_be_disturbed_is_not_rung_and_misses_the_call()
    {
        _world.Sets("bob", Notifications.DoNotDisturb);
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));

        alice.Starts("group").Call.GetProperty("target_users").GetArrayLength().ShouldBe(2);

        bob.HearsNothingOf<IncomingCall>();
        _world.Describe("bob", "group")!.Ringing.ShouldBe(false);
        carol.Hears<IncomingCall>();
        alice.Leaves("group");
        bob.Hears<MissedCallEvent>();
    }

    [Fact]
    public void Blocking_and_not_disturbing_look_alike_to_the_caller()
    {
        var alice = _world.SignIn("alice");
        _world.Sets("bob", Notifications.DoNotDisturb);
        var undisturbed = alice.Starts("dm");
        _world.Sets("bob", Notifications.Normal, "alice");
        var blocked = alice.Starts("dm");

        (blocked.Code, blocked.Message).ShouldBe((undisturbed.Code, undisturbed.Message));
        alice.HearsNothing();
    }

    [Fact]
    public void A_blocked_caller_leaves_no_missed_call()
    {
        _world.Sets("bob", Notifications.DoNotDisturb, "alice");
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));

        alice.Starts("dm").ShouldBeRefused(ErrorCode.UserUnavailable);

        bob.HearsNothing();
        _world.CallsOf("bob").ShouldBeEmpty();
    }

    [Fact]
    public void Who_has_blocked_the_other_calls_into_silence()
    {
        _world.Sets("alice", Notifications.Normal, "bob");
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));

        alice.Starts("dm")["status"].ShouldBe("ringing");

        bob.HearsNothingOf<IncomingCall>();
        _world.Pass(TimeSpan.FromSeconds(91));
        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
        bob.HearsNothingOf<MissedCallEvent>();
    }

    [Fact]
    public void In_a_group_a_block_shows_nowhere()
    {
        _world.Sets("bob", Notifications.Normal, "alice");
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));

        var call = alice.Starts("group").Call;

        call.GetProperty("target_users").EnumerateArray().Select(u => u.GetString()).ShouldBe(["bob", "carol"]);
        bob.Hears<CallStartedEvent>();
        bob.HearsNothingOf<IncomingCall>();
        carol.Hears<IncomingCall>();
        carol.Declines("group");
        alice.HearsNothingOf<CallEndedEvent>();
        _world.Pass(TimeSpan.FromSeconds(91));
        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
        bob.HearsNothingOf<MissedCallEvent>();
        _world.HistoryOf("group").Single().MissedBy.ShouldBeEmpty();
    }

    [Fact]
    public void A_block_in_mid_ring_stops_the_ring_and_the_caller_sees_nobody_answering()
    {
        var (alice, phone, laptop) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("bob", "laptop"));
        alice.Starts("dm");
        alice.Forgets();

        _world.Sets("bob", Notifications.Normal, "alice");

        phone.Hears<RingStopped>().Reason.ShouldBe(RingStopReason.Blocked);
        laptop.Hears<RingStopped>();
        _world.Describe("bob", "dm")!.Ringing.ShouldBe(false);
        alice.HearsNothing();
        _world.Pass(TimeSpan.FromSeconds(91));
        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
        phone.HearsNothingOf<MissedCallEvent>();
    }

    [Fact]
    public void A_block_in_mid_ring_holds_through_a_crash()
    {
        var alice = _world.SignIn("alice");
        _world.SignIn("bob");
        alice.Starts("dm");
        _world.Sets("bob", Notifications.Normal, "alice");

        _world.KillAndRestart();

        var bob = _world.SignIn("bob");
        _world.Describe("bob", "dm")!.Ringing.ShouldBe(false);
        _world.Pass(TimeSpan.FromSeconds(60));
        bob.HearsNothingOf<IncomingCall>();
    }

    [Fact]
    public void A_block_between_a_target_and_whoever_rings_again_keeps_the_target_quiet()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        carol.Declines("group");
        _world.Sets("carol", Notifications.Normal, "bob");
        carol.Forgets();

        bob.Rings("group", "carol");

        carol.HearsNothingOf<IncomingCall>();
        carol.Hears<CallRinging>();
        alice.Rings("group", "carol");
        carol.Hears<IncomingCall>();
    }

    [Fact]
    public void Unavailable_answers_count_as_starts()
    {
        var world = new CallWorld(startsPerMinute: 2);
        world.Sets("bob", Notifications.Normal, "alice");
        var alice = world.SignIn("alice");
        alice.Starts("dm").ShouldBeRefused(ErrorCode.UserUnavailable);
        alice.Starts("dm").ShouldBeRefused(ErrorCode.UserUnavailable);

        alice.Starts("dm").ShouldBeRefused(ErrorCode.RateLimited);
        alice.Starts("group").ShouldBeRefused(ErrorCode.RateLimited);
    }
}
