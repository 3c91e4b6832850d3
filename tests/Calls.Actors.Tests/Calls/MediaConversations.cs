using System.Text.Json;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>What the media side tells of a call: who speaks (M4), and how everybody's media does.</summary>
public sealed class MediaConversations
{
    private readonly CallWorld _world = new();

    [Fact]
    public void Who_speaks_is_told_to_each_device_in_the_call_and_to_no_other()
    {
        var (alice, bob) = InCall();
        var tablet = _world.SignIn("bob", "tablet");
        var carol = _world.SignIn("carol");

        _world.Speak("group", "bob", "alice");

        alice.Hears<ActiveSpeakers>().Speakers.Select(u => u.Value).ShouldBe(["bob", "alice"]);
        var heard = bob.Hears<ActiveSpeakers>();
        (heard.ChannelId.Value, heard.CallId.Value).ShouldBe(("group", alice.Gets("group")["call_id"]));
        tablet.HearsNothingOf<ActiveSpeakers>();
        carol.HearsNothingOf<ActiveSpeakers>();
    }

    [Fact]
    public void Who_comes_into_the_call_is_told_who_speaks_after_the_answer()
    {
        InCall();
        _world.Speak("group", "alice");
        var carol = _world.SignIn("carol");
        carol.Joins("group").Code.ShouldBeNull();

        carol.Hears<ActiveSpeakers>().Speakers.ShouldHaveSingleItem().Value.ShouldBe("alice");
    }

    [Fact]
    public void Before_the_first_word_nothing_is_told()
    {
        var (_, bob) = InCall();
        bob.HearsNothingOf<ActiveSpeakers>();
        var tab = _world.SignIn("bob");
        tab.Joins("group").Code.ShouldBeNull();
        tab.HearsNothingOf<ActiveSpeakers>();
    }

    [Fact]
    public void Who_comes_back_is_told_the_list_as_it_stands_by_then()
    {
        var (_, bob) = InCall();
        _world.MediaFlows("bob");
        _world.Speak("group", "alice");
        _world.SignOut(bob);
        _world.Speak("group");

        var back = _world.SignIn("bob");
        back.Hears<ActiveSpeakers>().Speakers.ShouldBeEmpty();
    }

    [Fact]
    public void What_comes_late_names_nobody_who_has_left_and_wakes_nobody_in_the_next_call()
    {
        var (alice, bob) = InCall();
        var carol = _world.SignIn("carol");
        carol.Joins("group");
        _world.Speak("group", "bob", "alice");
        alice.Forgets();

        bob.Leaves("group").Code.ShouldBeNull();
        _world.Speak("group", "bob", "alice");
        alice.Hears<ActiveSpeakers>().Speakers.ShouldHaveSingleItem().Value.ShouldBe("alice");

        alice.Ends("group").Code.ShouldBeNull();
        alice.Forgets();
        _world.Speak("group", "alice");
        alice.Starts("group").Code.ShouldBeNull();
        alice.HearsNothingOf<ActiveSpeakers>();
    }

    [Fact]
    public void Statistics_name_every_participant_and_are_null_where_nothing_is_known()
    {
        var (alice, bob) = InCall();
        var carol = _world.SignIn("carol");
        carol.Joins("group");
        _world.Sessions.Remove(_world.SessionOf("carol"));

        var stats = alice.AsksForStats("group").Call.GetProperty("participants").EnumerateArray().ToList();
        stats.Select(s => s.GetProperty("user_id").GetString()).ShouldBe(["alice", "bob", "carol"]);
        stats[1].GetProperty("loss").GetDouble().ShouldBe(0.25);
        stats[1].GetProperty("round_trip_ms").ValueKind.ShouldBe(JsonValueKind.Null);
        stats[1].GetProperty("sent_packets").GetInt64().ShouldBe(200);
        stats[2].EnumerateObject().Count(p => p.Value.ValueKind == JsonValueKind.Null).ShouldBe(6);
        bob.AsksForStats("group").Code.ShouldBeNull();
    }

    [Fact]
    public void Statistics_are_for_those_who_are_in_the_call()
    {
        var alice = _world.SignIn("alice");
        var bob = _world.SignIn("bob");
        var carol = _world.SignIn("carol");
        alice.AsksForStats("dm").ShouldBeRefused(ErrorCode.CallNotFound);
        alice.Starts("dm");
        bob.AsksForStats("dm").ShouldBeRefused(ErrorCode.InvalidTransition);
        carol.AsksForStats("dm").ShouldBeRefused(ErrorCode.CallNotFound);
        alice.AsksForStats("dm").Code.ShouldBeNull();
        alice.Leaves("dm");
        alice.AsksForStats("dm").ShouldBeRefused(ErrorCode.CallNotFound);
    }

    private (Device Alice, Device Bob) InCall()
    {
        var alice = _world.SignIn("alice");
        var bob = _world.SignIn("bob");
        alice.Starts("group").Code.ShouldBeNull();
        bob.Joins("group").Code.ShouldBeNull();
        return (alice, bob);
    }
}
