using Calls.Browser.Parts;

namespace Calls.Browser;

/// <summary>Who hears whom, by each one's tone as it is decoded at the others (M2, M4, M8).</summary>
[Collection(BrowserTests.Name)]
public sealed class SoundTests(Chromium chromium)
{
    [Fact]
    public async Task Two_in_a_dm_hear_each_other_and_nobody_else()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();

        await alice.Hears(bob);
        await bob.Hears(alice);
        alice.Complaints.ShouldBeEmpty();
        bob.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Three_in_a_group_hear_each_the_two_others_on_tracks_of_their_own()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob, carol) = await ThreeInGroup(stage);

        await alice.Hears(bob, carol);
        await bob.Hears(alice, carol);
        await carol.Hears(alice, bob);
    }

    [Fact]
    public async Task A_muted_one_is_silent_at_the_others_until_they_unmute()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await bob.Hears(alice);

        await alice.Button("Mute").ClickAsync();
        await bob.HearsNothingOf(alice);
        await Person.Sees(bob.Participant("Alice").GetByText("muted"));
        await alice.Hears(bob);

        await alice.Button("Unmute").ClickAsync();
        await bob.Hears(alice);
        await Person.SeesNoMore(bob.Participant("Alice").GetByText("muted"));
    }

    [Fact]
    public async Task A_deafened_one_neither_hears_nor_is_heard_until_they_undeafen()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await alice.Hears(bob);

        await alice.Button("Deafen").ClickAsync();
        await alice.HearsNothingOf(bob);
        await bob.HearsNothingOf(alice);
        await Person.Sees(bob.Participant("Alice").GetByText("deafened"));

        await alice.Button("Undeafen").ClickAsync();
        await alice.Hears(bob);
        await bob.Hears(alice);
    }

    [Fact]
    public async Task One_who_leaves_a_group_and_comes_back_is_heard_again()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob, carol) = await ThreeInGroup(stage);
        await alice.Hears(bob, carol);

        await carol.HangsUp();
        await Person.Sees(
            alice.Participant("Carol").GetByText("Not in the call").Or(alice.Participant("Carol").GetByText("Ringing…"))
        );
        await alice.Hears(bob);
        await bob.Hears(alice);

        await carol.Button("Join the call").ClickAsync();
        await carol.IsInCall();
        await carol.Hears(alice, bob);
        await alice.Hears(bob, carol);
        await bob.Hears(alice, carol);
    }

    [Fact]
    public async Task The_line_of_one_who_left_carries_the_next_one_who_comes()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob, carol) = await ThreeInGroup(stage);
        var dave = await stage.Enter("Dave");
        await alice.Hears(bob, carol);

        await carol.HangsUp();
        await alice.Hears(bob);
        await dave.Answers();
        await dave.IsInCall();

        await alice.Hears(bob, dave);
        await bob.Hears(alice, dave);
        await dave.Hears(alice, bob);
    }

    private static async Task<(Person Alice, Person Bob, Person Carol)> ThreeInGroup(Stage stage)
    {
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        var carol = await stage.Enter("Carol");
        await alice.Calls("Bob, Carol, Dave");
        await bob.Answers();
        await carol.Answers();
        foreach (var person in new[] { alice, bob, carol })
        {
            await person.IsInCall();
        }

        return (alice, bob, carol);
    }
}
