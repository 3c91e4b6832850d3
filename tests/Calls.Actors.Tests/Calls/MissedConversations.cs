using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>Rings that nobody answers, and what remains of calls (S3, S15, S16).</summary>
public sealed class MissedConversations
{
    private static readonly TimeSpan HalfARing = new CallPolicy().RingTimeout / 2;

    private readonly CallWorld _world = new();

    [Fact]
    public void Half_way_through_the_ring_it_is_told_once_more()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        var first = bob.Hears<IncomingCall>();
        first.Reminder.ShouldBeFalse();

        _world.Pass(HalfARing - TimeSpan.FromSeconds(1));
        bob.HearsNothingOf<IncomingCall>();
        _world.Pass(TimeSpan.FromSeconds(2));

        bob.Hears<IncomingCall>().ShouldBe(first with { Reminder = true });
        _world.Pass(TimeSpan.FromSeconds(30));
        bob.HearsNothingOf<IncomingCall>();
    }

    [Fact]
    public void Who_has_dismissed_the_ring_is_not_reminded()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Dismisses("group");
        bob.Forgets();
        carol.Forgets();

        _world.Pass(HalfARing + TimeSpan.FromSeconds(1));

        bob.HearsNothing();
        carol.Hears<IncomingCall>().Reminder.ShouldBeTrue();
    }

    [Fact]
    public void A_ring_that_times_out_while_the_call_goes_on_stops_and_is_a_missed_call()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        var call = alice.Starts("group")["call_id"];
        bob.Joins("group");
        carol.Forgets();

        _world.Pass(TimeSpan.FromSeconds(91));

        carol.Hears<IncomingCall>();
        carol.Hears<RingStopped>().Reason.ShouldBe(RingStopReason.Timeout);
        carol.Hears<MissedCallEvent>().CallId.Value.ShouldBe(call);
        bob.HearsNothingOf<RingStopped>();
        _world.CallsOf("carol", UserCallFilter.Unseen).Count.ShouldBe(1);
        alice.Leaves("group");
        bob.Leaves("group");
        carol.HearsNothingOf<MissedCallEvent>();
        _world.HistoryOf("group").Single().MissedBy.ShouldBe([carol.User]);
    }

    [Fact]
    public void Who_dismissed_has_missed_the_call_when_it_ends()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        bob.Dismisses("dm");

        _world.Pass(TimeSpan.FromSeconds(91));

        bob.HearsNothingOf<RingStopped>();
        bob.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
        bob.Hears<MissedCallEvent>();
    }

    [Fact]
    public void Who_comes_after_all_has_not_missed_the_call()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        _world.Pass(TimeSpan.FromSeconds(91));
        _world.CallsOf("carol", UserCallFilter.Missed).Count.ShouldBe(1);

        carol.Joins("group");

        _world.CallsOf("carol", UserCallFilter.Missed).ShouldBeEmpty();
        _world.CallsOf("carol").Count.ShouldBe(1);
    }

    [Fact]
    public void Who_declined_or_took_part_has_the_call_in_their_history_and_has_not_missed_it()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        carol.Declines("group");
        bob.Leaves("group");

        alice.Leaves("group");

        foreach (var user in new[] { "alice", "bob", "carol" })
            _world.CallsOf(user).Single().Missed.ShouldBeNull(user);
        carol.HearsNothingOf<MissedCallEvent>();
        var ended = _world.HistoryOf("group").Single();
        ended.Call.Status.ShouldBe(CallStatus.Ended);
        ended.Call.Reason.ShouldBe(EndReason.LastLeft);
        ended.KnownTo.ShouldBe([alice.User, bob.User, carol.User]);
    }

    [Fact]
    public void Ringing_again_after_a_seen_miss_is_a_new_chance_to_miss()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        _world.Pass(TimeSpan.FromSeconds(91));
        _world.Ask(store => store.MarkSeen(carol.User, null)).ShouldBe(0);
        carol.Forgets();

        alice.Rings("group", "carol");
        carol.Hears<IncomingCall>();
        _world.Pass(TimeSpan.FromSeconds(91));

        carol.Hears<MissedCallEvent>();
        _world.CallsOf("carol", UserCallFilter.Unseen).Count.ShouldBe(1);
    }

    [Fact]
    public void Each_ring_has_its_own_deadline()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        _world.Pass(TimeSpan.FromSeconds(60));
        alice.Rings("group", "carol");

        _world.Pass(TimeSpan.FromSeconds(31));

        bob.Hears<RingStopped>().Reason.ShouldBe(RingStopReason.Timeout);
        bob.Hears<MissedCallEvent>();
        carol.HearsNothingOf<RingStopped>();
        _world.Describe("carol", "group")!.Ringing.ShouldBe(true);
        _world.Pass(TimeSpan.FromSeconds(60));
        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.NoAnswer);
    }

    [Fact]
    public void A_crash_between_the_end_and_the_histories_loses_no_missed_call()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.Store.Before = operation =>
            operation == nameof(IUserStore.PutUserCall)
                ? throw new StoreUnavailableException("gone")
                : ValueTask.CompletedTask;
        alice.Leaves("dm");
        bob.Hears<CallEndedEvent>();
        bob.HearsNothingOf<MissedCallEvent>();
        _world.Store.Before = _ => ValueTask.CompletedTask;

        _world.KillAndRestart();
        _world.Pass(TimeSpan.FromSeconds(1));

        _world.CallsOf("bob", UserCallFilter.Unseen).Count.ShouldBe(1);
        _world.CallsOf("alice").Count.ShouldBe(1);
        _world.Ask(store => store.ListUnsettled()).ShouldBeEmpty();
    }

    [Fact]
    public void A_store_that_was_away_at_the_end_gets_the_histories_when_it_is_back()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.Store.Before = operation =>
            operation == nameof(IUserStore.PutUserCall)
                ? throw new StoreUnavailableException("gone")
                : ValueTask.CompletedTask;
        alice.Leaves("dm");
        _world.Pass(TimeSpan.FromSeconds(20));
        _world.Store.Before = _ => ValueTask.CompletedTask;

        _world.Pass(TimeSpan.FromSeconds(3));

        bob.Hears<MissedCallEvent>();
        bob.HearsNothingOf<MissedCallEvent>();
    }

    [Fact]
    public void A_crash_makes_no_seen_call_unseen()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        _world.MediaFlows("alice");
        _world.MediaFlows("bob");
        _world.Pass(TimeSpan.FromSeconds(91));
        carol.Hears<MissedCallEvent>();
        _world.Ask(store => store.MarkSeen(carol.User, null));

        _world.KillAndRestart();
        _world.SignIn("carol");
        _world.Pass(TimeSpan.FromSeconds(30));

        _world.HistoryOf("group").Single().MissedBy.ShouldBe([carol.User]);
        _world.CallsOf("carol", UserCallFilter.Unseen).ShouldBeEmpty();
        _world.CallsOf("carol", UserCallFilter.Missed).Count.ShouldBe(1);
    }

    [Fact]
    public void A_dismissal_outlives_a_crash()
    {
        var alice = _world.SignIn("alice");
        var bob = _world.SignIn("bob");
        alice.Starts("dm");
        bob.Dismisses("dm");

        _world.KillAndRestart();
        alice = _world.SignIn("alice");
        bob = _world.SignIn("bob");

        _world.Describe("bob", "dm")!.Ringing.ShouldBe(false);
        _world.Pass(HalfARing);
        bob.HearsNothingOf<IncomingCall>();
    }

    [Fact]
    public void A_start_that_is_refused_takes_no_place_in_the_limits()
    {
        var world = new CallWorld(startsPerMinute: 1);
        var (alice, bob) = (world.SignIn("alice"), world.SignIn("bob"));
        bob.Starts("dm");
        alice.Starts("dm").ShouldBeRefused(ErrorCode.CallAlreadyExists);

        alice.Starts("group")["status"].ShouldBe("ringing");
    }
}
