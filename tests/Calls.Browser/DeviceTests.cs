using Calls.Browser.Parts;
using Microsoft.Playwright;

namespace Calls.Browser;

/// <summary>One person with two devices (S9), and what only some in a group may do (S5, S15).</summary>
[Collection(BrowserTests.Name)]
public sealed class DeviceTests(Chromium chromium)
{
    [Fact]
    public async Task All_devices_ring_and_declining_on_one_quiets_the_other()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var laptop = await stage.Enter("Bob");
        var phone = await stage.Enter("Bob", new() { Width = 360, Height = 740 });
        await alice.Calls("Bob");
        await Person.Sees(laptop.Ring);

        await phone.Button("Decline").ClickAsync();

        await Person.SeesNoMore(laptop.Ring);
        await Person.Sees(Note(laptop, "Declined on another device"));
        await Person.SeesText(alice.Bar, "Bob declined");
        await Person.SeesNoMore(Note(laptop, "Declined on another device"));
    }

    [Fact]
    public async Task Answered_on_one_device_the_other_says_so_and_offers_to_take_the_call_over()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var laptop = await stage.Enter("Bob");
        var phone = await stage.Enter("Bob", new() { Width = 360, Height = 740 });
        await laptop.Chooses("Alice");
        await alice.Calls("Bob");
        await Person.Sees(laptop.Ring);

        await phone.Answers();

        await Person.Sees(Note(laptop, "Answered on another device"));
        await Person.SeesNoMore(laptop.Ring);
        await Person.Sees(laptop.Button("Move it here"));
    }

    [Fact]
    public async Task A_second_tab_of_the_same_device_takes_over_and_closing_the_first_undoes_nothing()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, first) = await stage.TwoInCall();

        // What duplicating a tab does: the new one begins with a copy of the old one's memory.
        var second = await first.DuplicateTab();
        await second.IsInCall();
        await Person.SeesText(first.Bar, "Moved to another device");
        await first.Page.CloseAsync();

        await alice.Hears(second);
        await second.Hears(alice);
        await alice.IsInCall();
    }

    [Fact]
    public async Task A_call_moves_to_another_device_and_the_others_go_on_hearing_it()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, laptop) = await stage.TwoInCall();
        var phone = await stage.Enter("Bob", new() { Width = 360, Height = 740 });
        await Person.SeesText(phone.Conversation("Alice"), "In call on another device");

        await phone.Chooses("Alice");
        await phone.Button("Move it here").ClickAsync();

        await phone.IsInCall();
        await Person.SeesText(laptop.Bar, "Moved to another device");
        await Person.SeesNoMore(laptop.Bar);
        await alice.Hears(phone);
        await phone.Hears(alice);
    }

    [Fact]
    public async Task The_initiator_of_a_group_call_ends_it_for_all()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob, Carol, Dave");
        await bob.Answers();
        await bob.IsInCall();
        await Person.SeesNoMore(bob.Button("End for all"));

        await alice.Button("End for all").ClickAsync();

        await Person.SeesText(bob.Bar, "Alice ended the call for all");
        await Person.SeesText(alice.Bar, "Call ended for all");
    }

    [Fact]
    public async Task Who_declined_in_a_group_can_be_rung_again()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        var carol = await stage.Enter("Carol");
        await alice.Calls("Bob, Carol, Dave");
        await bob.Answers();
        await carol.Button("Decline").ClickAsync();
        await Person.SeesText(alice.Participant("Carol"), "Declined");

        await alice.Button("Ring Carol").ClickAsync();

        await Person.SeesText(carol.Ring, "Alice is calling…");
        await Person.SeesText(alice.Participant("Carol"), "Ringing…");
    }

    private static ILocator Note(Person person, string words) =>
        person.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = words });
}
