using Calls.Actors.Calls;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>Connections that come and go, and the grace (S14, S9).</summary>
public sealed class PresenceConversations
{
    private static readonly TimeSpan Grace = new CallPolicy().ReconnectGrace;

    private readonly CallWorld _world = new();

    [Fact]
    public void Connecting_becomes_connected_when_media_flows()
    {
        var (alice, bob) = InCall();

        _world.MediaFlows("bob");

        alice.Hears<ParticipantUpdated>().VoiceState.Connection.ShouldBe(ConnectionState.Connected);
        bob.Gets("dm").Raw.ShouldContain("\"connection\":\"connected\"");
    }

    [Fact]
    public void Gone_with_socket_and_media_is_reconnecting_and_after_the_grace_disconnected()
    {
        var (alice, bob) = InCall();
        _world.MediaFlows("bob");
        alice.Forgets();

        _world.SignOut(bob);
        alice.HearsNothingOf<ParticipantUpdated>();
        _world.MediaSilent("bob");
        alice.Hears<ParticipantUpdated>().VoiceState.Connection.ShouldBe(ConnectionState.Reconnecting);
        _world.Pass(Grace - TimeSpan.FromMilliseconds(1));
        alice.HearsNothingOf<ParticipantLeftEvent>();
        _world.Pass(TimeSpan.FromMilliseconds(1));

        alice.Hears<ParticipantLeftEvent>().Cause.ShouldBe(LeaveCause.Disconnected);
        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.LastLeft);
    }

    [Fact]
    public void Media_that_never_connected_counts_as_gone()
    {
        var (alice, bob) = InCall();
        _world.SignOut(bob);
        alice.Hears<ParticipantUpdated>().VoiceState.Connection.ShouldBe(ConnectionState.Reconnecting);
    }

    [Fact]
    public void A_late_leave_of_the_tab_that_was_overtaken_is_an_old_sessions()
    {
        var (alice, first) = InCall();
        var second = _world.SignIn("bob");
        second.Joins("dm").Code.ShouldBeNull();
        first.Hears<CallAnsweredElsewhere>().Action.ShouldBe(ElsewhereAction.Moved);

        first.Leaves("dm").ShouldBeRefused(ErrorCode.InvalidTransition);
        _world.SignOut(first);
        _world.Pass(Grace * 2);
        alice.HearsNothingOf<ParticipantLeftEvent>();

        second.Leaves("dm").Code.ShouldBeNull();
    }

    [Fact]
    public void A_tab_that_takes_the_call_back_may_leave_it()
    {
        var (_, first) = InCall();
        var second = _world.SignIn("bob");
        second.Joins("dm");
        first.Joins("dm").Code.ShouldBeNull();

        second.Leaves("dm").ShouldBeRefused(ErrorCode.InvalidTransition);
        first.Leaves("dm").Code.ShouldBeNull();
    }

    [Fact]
    public void A_client_that_came_back_before_its_old_connection_was_missed_may_leave()
    {
        var (alice, _) = InCall();
        var back = _world.SignIn("bob");

        back.Leaves("dm").Code.ShouldBeNull();
        alice.Hears<CallEndedEvent>();
    }

    [Fact]
    public void Coming_back_within_the_grace_resumes_with_a_new_session()
    {
        var (alice, bob) = InCall();
        _world.MediaFlows("bob");
        var before = _world.SessionOf("bob");
        _world.SignOut(bob);
        _world.MediaSilent("bob");
        alice.Forgets();

        bob = _world.SignIn("bob");

        bob.Hears<MediaOfferEvent>().SessionId.ShouldNotBe(before);
        alice.Hears<ParticipantUpdated>().VoiceState.Connection.ShouldBe(ConnectionState.Connected);
        _world.Pass(Grace * 2);
        alice.HearsNothingOf<ParticipantLeftEvent>();
    }

    [Fact]
    public void Media_that_flows_while_the_socket_is_away_is_left_untouched()
    {
        var (alice, bob) = InCall();
        _world.MediaFlows("bob");
        var before = _world.SessionOf("bob");
        _world.SignOut(bob);
        _world.Pass(Grace * 2);
        bob = _world.SignIn("bob");

        _world.SessionOf("bob").ShouldBe(before);
        alice.HearsNothingOf<ParticipantLeftEvent>();
    }

    [Fact]
    public void A_page_that_was_loaded_anew_gets_an_offer_when_its_old_media_falls_silent()
    {
        var (_, bob) = InCall();
        _world.MediaFlows("bob");
        var before = _world.SessionOf("bob");
        _world.SignOut(bob);
        bob = _world.SignIn("bob");

        _world.MediaSilent("bob");

        _world.SessionOf("bob").ShouldNotBe(before);
        bob.Forgets();
    }

    [Fact]
    public void An_offer_that_came_while_the_socket_was_away_is_there_after_the_return()
    {
        var (_, bob) = InCall();
        _world.MediaFlows("bob");
        var session = _world.SessionOf("bob");
        _world.SignOut(bob);
        _world.Tell(new MediaOffered(new("dm"), session, 2, "changed", []));

        bob = _world.SignIn("bob");

        bob.Hears<MediaOfferEvent>().Revision.ShouldBe(2);
    }

    [Fact]
    public void An_offer_without_an_answer_is_there_also_for_who_came_back_before_the_old_connection_was_missed()
    {
        var (_, before) = InCall();
        var session = _world.SessionOf("bob");
        var after = _world.SignIn("bob");
        after.HearsNothingOf<MediaOfferEvent>();

        _world.SignOut(before);

        after.Hears<MediaOfferEvent>().SessionId.Value.ShouldBe(session.Value);
    }

    [Fact]
    public void An_expired_token_lets_the_grace_run_although_media_flows()
    {
        var (alice, bob) = InCall();
        _world.MediaFlows("bob");

        _world.SignOut(bob, expired: true);
        _world.Pass(Grace);

        alice.Hears<ParticipantLeftEvent>().Cause.ShouldBe(LeaveCause.Disconnected);
    }

    [Fact]
    public void Whose_socket_is_there_is_never_let_go_by_the_grace()
    {
        var (alice, _) = InCall();
        _world.MediaFlows("bob");
        _world.MediaSilent("bob");
        _world.Pass(Grace * 4);
        alice.HearsNothingOf<ParticipantLeftEvent>();
    }

    [Fact]
    public void A_caller_whose_grace_runs_out_while_it_rings_has_cancelled()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        _world.SignOut(alice);

        _world.Pass(Grace);

        bob.Hears<ParticipantLeftEvent>().Cause.ShouldBe(LeaveCause.Disconnected);
        bob.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.Cancelled);
    }

    [Fact]
    public void A_second_tab_takes_over_and_closing_the_first_undoes_nothing()
    {
        var (alice, first) = InCall();
        _world.MediaFlows("bob");
        var second = _world.SignIn("bob");

        second.Joins("dm")["version"].ShouldBe("2");

        first.Hears<CallAnsweredElsewhere>().Action.ShouldBe(ElsewhereAction.Moved);
        second.Hears<MediaOfferEvent>();
        _world.MediaFlows("bob");
        _world.SignOut(first);
        _world.Pass(Grace * 2);
        alice.HearsNothingOf<ParticipantLeftEvent>();
        _world.Sessions.Count.ShouldBe(2);
    }

    [Fact]
    public void An_answer_for_another_session_or_revision_is_stale()
    {
        var (_, bob) = InCall();
        var session = _world.SessionOf("bob");
        bob.Asks(new MediaAnswerRequest(new("dm"), new("other"), 1, "sdp")).ShouldBeRefused(ErrorCode.StaleMedia);
        bob.Asks(new MediaAnswerRequest(new("dm"), session, 2, "sdp")).ShouldBeRefused(ErrorCode.StaleMedia);
        bob.Asks(new MediaAnswerRequest(new("dm"), session, 1, "sdp")).Code.ShouldBeNull();
        var carol = _world.SignIn("carol");
        carol.Asks(new MediaAnswerRequest(new("dm"), session, 1, "sdp")).ShouldBeRefused(ErrorCode.CallNotFound);
    }

    [Fact]
    public void A_restart_gives_a_new_session_to_a_participant_only()
    {
        var (_, bob) = InCall();
        var before = _world.SessionOf("bob");
        bob.Asks(new MediaRestartRequest(new("dm"))).Raw.ShouldBe("{}");
        _world.SessionOf("bob").ShouldNotBe(before);
        bob.Leaves("dm");
        bob.Asks(new MediaRestartRequest(new("dm"))).ShouldBeRefused(ErrorCode.CallNotFound);
    }

    [Fact]
    public void A_repeated_restart_gives_the_offer_again_and_its_command_id_is_good_for_nothing_else()
    {
        var (_, bob) = InCall();
        var restart = new MediaRestartRequest(new("dm")) { Command = new("r") };
        bob.Asks(restart).Raw.ShouldBe("{}");
        bob.Forgets();

        bob.Asks(restart).Raw.ShouldBe("{}");

        bob.Hears<MediaOfferEvent>();
        bob.Leaves("dm", command: "r").ShouldBeRefused(ErrorCode.InvalidMessage);
    }

    private (Device Alice, Device Bob) InCall()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        bob.Joins("dm");
        alice.Forgets();
        bob.Forgets();
        return (alice, bob);
    }
}
