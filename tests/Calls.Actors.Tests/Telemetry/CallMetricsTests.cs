using Calls.Actors.Tests.Calls;
using Calls.Protocol;
using Calls.TestKit;

namespace Calls.Actors.Tests.Telemetry;

/// <summary>What calls leave in the figures, told as conversations.</summary>
public sealed class CallMetricsTests
{
    private static readonly CallPolicy Policy = new();

    private readonly CallWorld _world = new(measured: true);

    private Measurements Measured => _world.Measured;

    [Fact]
    public void A_call_is_counted_as_ringing_then_active_then_not_at_all()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        Live().ShouldBe((0, 0));
        alice.Starts("dm");
        Live().ShouldBe((1, 0));
        bob.Joins("dm");
        Live().ShouldBe((0, 1));
        alice.Leaves("dm");
        Live().ShouldBe((0, 0));
    }

    [Fact]
    public void Live_calls_are_counted_by_a_process_that_was_killed_and_started_again()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        bob.Joins("dm");
        alice.Starts("group");
        Live().ShouldBe((1, 0), "starting in the group has left the DM, which ended");

        _world.KillAndRestart();

        Live().ShouldBe((1, 0));
        Measured.Of("calls.call.ended").ShouldBeEmpty("what was replayed did not happen now");
        Measured.Of("calls.ring.duration").ShouldBeEmpty();
    }

    [Fact]
    public void A_call_that_was_let_go_is_no_longer_counted_and_leaves_no_actor()
    {
        var alice = _world.SignIn("alice");
        _world.Pass(TimeSpan.FromMinutes(1)); // until those that made the channels have gone
        alice.Starts("dm");
        Actors("CallActor").ShouldBe(1);
        Actors("SessionActor").ShouldBe(1);
        alice.Leaves("dm");

        _world.Pass(TimeSpan.FromMinutes(1));

        Live().ShouldBe((0, 0));
        Actors("CallActor").ShouldBe(0);
        Actors("SessionActor").ShouldBe(0);
        Actors("CallRegion").ShouldBe(1);
    }

    [Fact]
    public void A_channel_that_is_only_asked_about_counts_as_no_call()
    {
        _world.SignIn("alice").Gets("dm");
        Live().ShouldBe((0, 0));
    }

    [Fact]
    public void The_end_is_counted_by_its_reason_and_the_duration_from_the_answer()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.Pass(TimeSpan.FromSeconds(7));
        bob.Joins("dm");
        _world.Pass(TimeSpan.FromSeconds(65));
        bob.Leaves("dm");

        Measured.Of("calls.call.ended", ("calls.call.end_reason", "last_left")).ShouldBe([1]);
        Measured.Of("calls.call.duration", ("calls.call.end_reason", "last_left")).ShouldBe([65]);
        Measured.Of("calls.ring.duration", ("calls.ring.outcome", "joined")).ShouldBe([7]);
    }

    [Fact]
    public void A_call_that_nobody_answers_has_no_duration_and_a_ring_of_full_length()
    {
        _world.SignIn("alice").Starts("dm");
        _world.Pass(Policy.RingTimeout + TimeSpan.FromSeconds(1));

        Measured.Of("calls.call.ended", ("calls.call.end_reason", "no_answer")).ShouldBe([1]);
        Measured.Of("calls.call.duration").ShouldBeEmpty();
        Measured
            .Of("calls.ring.duration", ("calls.ring.outcome", "no_answer"))
            .ShouldBe([Policy.RingTimeout.TotalSeconds]);
    }

    [Fact]
    public void Each_target_of_a_group_call_has_an_outcome_of_its_own()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        _world.Pass(TimeSpan.FromSeconds(3));
        bob.Joins("group");
        _world.Pass(TimeSpan.FromSeconds(2));
        carol.Declines("group");
        Measured.Of("calls.ring.duration", ("calls.ring.outcome", "joined")).ShouldBe([3]);
        Measured.Of("calls.ring.duration", ("calls.ring.outcome", "declined")).ShouldBe([5]);
        Measured.Of("calls.ring.duration").Count.ShouldBe(2);
    }

    [Fact]
    public void Who_still_rings_when_the_others_end_the_call_rang_in_vain()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("group");
        bob.Joins("group");
        _world.Pass(TimeSpan.FromSeconds(4));
        alice.Ends("group");
        Measured.Of("calls.ring.duration", ("calls.ring.outcome", "call_ended")).ShouldBe([4]);
    }

    [Fact]
    public void A_caller_who_gives_up_cancels_the_rings()
    {
        var alice = _world.SignIn("alice");
        alice.Starts("group");
        _world.Pass(TimeSpan.FromSeconds(6));
        alice.Leaves("group");
        Measured.Of("calls.ring.duration", ("calls.ring.outcome", "cancelled")).ShouldBe([6, 6]);
    }

    [Fact]
    public void One_who_joins_after_the_ring_has_run_out_had_not_answered_it()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        bob.Joins("group");
        _world.Pass(Policy.RingTimeout + TimeSpan.FromMinutes(1));
        carol.Joins("group");
        Measured
            .Of("calls.ring.duration", ("calls.ring.outcome", "no_answer"))
            .ShouldBe([Policy.RingTimeout.TotalSeconds]);
    }

    [Fact]
    public void Ringing_somebody_again_while_they_ring_is_the_same_ring()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.Pass(TimeSpan.FromSeconds(10));
        alice.Rings("dm", "bob");
        Measured.Of("calls.ring.duration").ShouldBeEmpty();
        bob.Declines("dm");
        Measured.Of("calls.ring.duration", ("calls.ring.outcome", "declined")).Count.ShouldBe(1);
    }

    [Fact]
    public void A_member_who_is_removed_rings_no_more()
    {
        _world.SignIn("alice").Starts("group");
        _world.Edit("group", new global::Calls.Actors.Calls.PatchMembers([], [new UserId("carol")]));
        Measured.Of("calls.ring.duration", ("calls.ring.outcome", "removed")).Count.ShouldBe(1);
    }

    [Fact]
    public void Appends_are_measured_by_store_and_failure()
    {
        var alice = _world.SignIn("alice");
        alice.Starts("dm");
        Measured.Of("calls.journal.append.duration", ("calls.store", "memory")).Count.ShouldBe(1);

        _world.Store.Before = operation =>
            operation == nameof(InMemoryStore.Append)
                ? throw new global::Calls.Actors.Persistence.StoreUnavailableException("gone")
                : ValueTask.CompletedTask;
        alice.Leaves("dm").ShouldBeRefused(ErrorCode.InternalError);

        Measured.Of("calls.journal.append.duration", ("error.type", "unavailable")).Count.ShouldBe(1);
        Measured.Of("calls.call.ended").ShouldBeEmpty("what was not journaled did not happen");
        Live().ShouldBe((1, 0));
    }

    [Fact]
    public void The_id_that_a_client_is_given_comes_with_the_answer()
    {
        var alice = _world.SignIn("alice");
        _world.Store.Before = _ => throw new global::Calls.Actors.Persistence.StoreUnavailableException("gone");
        var answer = alice.Starts("dm");
        answer.Reply.ErrorId.ShouldNotBeNullOrEmpty();
        answer.Message!.ShouldContain(answer.Reply.ErrorId);
    }

    private (double Ringing, double Active) Live() =>
        (
            Measured.Of("calls.call.count", ("calls.call.status", "ringing")).Single(),
            Measured.Of("calls.call.count", ("calls.call.status", "active")).Single()
        );

    private double Actors(string type) => Measured.Of("calls.actor.count", ("calls.actor.type", type)).Single();
}
