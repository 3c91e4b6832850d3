using Calls.Actors.Persistence;
using Calls.Protocol;
using Calls.Protocol.Wire;

namespace Calls.Actors.Tests.Calls;

/// <summary>The store fails over to a replica that lacks the last writes: what a living home has said is written again, and nobody notices (S19).</summary>
public sealed class FailoverConversations
{
    private readonly CallWorld _world = new();

    [Fact]
    public void Events_that_the_store_lost_are_told_to_it_again_with_their_tags()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        var image = _world.Store.TakeImage();
        bob.Joins("dm", command: "the-join");
        bob.Switches("dm", new VoiceChange { Muted = true });
        var before = Journal();

        _world.FailOver(image);

        Journal().ShouldBe(before);
        alice.Forgets();
        bob.Switches("dm", new VoiceChange { Muted = false })["version"].ShouldBe("4");
        alice.Hears<ParticipantUpdated>().Version.ShouldBe(4);
        bob.Joins("dm", command: "the-join")["version"].ShouldBe("2", "the first answer again");
        _world.Ask(s => s.GetCurrentCall(new UserId("bob"))).ShouldNotBeNull();
    }

    [Fact]
    public void A_call_whose_very_start_was_lost_lives_on()
    {
        var image = _world.Store.TakeImage();
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        var call = alice.Starts("dm")["call_id"];
        bob.Joins("dm");
        var before = Journal();

        _world.FailOver(image);

        Journal().ShouldBe(before);
        _world.Describe("bob", "dm")!.CallId.Value.ShouldBe(call);
        _world.Ask(s => s.LiveChannels(new UserId("bob"))).ShouldBe([new ChannelId("dm")]);
        bob.Leaves("dm");
        alice.Hears<CallEndedEvent>().Reason.ShouldBe(EndReason.LastLeft);
    }

    [Fact]
    public void A_call_whose_end_was_lost_does_not_come_back()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        bob.Joins("dm");
        var image = _world.Store.TakeImage();
        bob.Leaves("dm");
        alice.Hears<CallEndedEvent>();

        _world.FailOver(image);

        _world.Ask(s => s.FindOpen(new ChannelId("dm"))).ShouldBeNull();
        _world.HistoryOf("dm").Count.ShouldBe(1);
        alice.HearsNothingOf<CallEndedEvent>();
        alice.Starts("dm")["version"].ShouldBe("1");
    }

    [Fact]
    public void One_who_came_from_another_call_is_in_one_call_whatever_was_lost()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        carol.Joins("group");
        bob.Joins("group");
        var image = _world.Store.TakeImage();
        bob.Starts("dm");

        _world.FailOver(image);

        _world.Ask(s => s.GetCurrentCall(new UserId("bob")))!.Channel.Value.ShouldBe("dm");
        alice.Gets("group")["participants"]!.ShouldNotContain("bob");
        bob.Joins("group");
        _world.Ask(s => s.FindOpen(new ChannelId("dm"))).ShouldBeNull("the caller has left it");
    }

    [Fact]
    public void A_home_that_knows_no_more_than_the_store_takes_what_the_store_has()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");
        var image = _world.Store.TakeImage();
        bob.Joins("dm");
        _world.KillAndRestart();

        _world.FailOver(image);

        _world.Describe("alice", "dm")!.Version.ShouldBe(1, "home and tail were lost together");
    }

    private string Journal()
    {
        var channel = new ChannelId("dm");
        var open = _world.Ask(s => s.FindOpen(channel)).ShouldNotBeNull();
        var entries = _world.Ask(s => s.Read(channel, open.Call));
        entries.Count.ShouldBe((int)open.Version);
        return string.Join(' ', entries.Select(e => $"{e.Version}/{e.Tag}"));
    }
}
