using Calls.Browser.Parts;
using Microsoft.Playwright;

namespace Calls.Browser;

/// <summary>The page as a person uses it: what is shown, said and done at each turn of a call (U1 to U5).</summary>
[Collection(BrowserTests.Name)]
public sealed class PersonTests(Chromium chromium)
{
    [Fact]
    public async Task A_call_from_ringing_to_hanging_up()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");

        await alice.Calls("Bob");
        await Person.SeesText(alice.Bar, "Calling…");
        await Person.SeesText(bob.Ring, "Alice is calling…");
        await Person.SeesText(bob.Conversation("Alice"), "Alice is calling…");

        await bob.Answers();
        await Person.SeesNoMore(bob.Ring);
        await Person.SeesText(alice.Bar, "In call • 0:01");
        await Person.SeesText(bob.Bar, "In call • 0:02");

        await bob.HangsUp();
        await Person.SeesText(alice.Bar, "Bob hung up • 0:0");
        await Person.SeesText(bob.Bar, "Call ended • 0:0");
        await Person.SeesNoMore(alice.Bar);
        await Person.SeesNoMore(bob.Bar);
        await Person.Sees(alice.Button("Call Bob"));
    }

    [Fact]
    public async Task A_declined_call_says_so_at_the_caller()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");

        await bob.Button("Decline").ClickAsync();

        await Person.SeesNoMore(bob.Ring);
        await Person.SeesText(alice.Bar, "Bob declined");
        await Person.SeesNoMore(alice.Bar);
    }

    [Fact]
    public async Task A_dismissed_call_rings_on_for_the_caller_and_can_still_be_joined()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await alice.Calls("Bob");

        await bob.Button("Dismiss").ClickAsync();

        await Person.SeesNoMore(bob.Ring);
        await Person.SeesText(alice.Bar, "Calling…");
        await bob.Chooses("Alice");
        await bob.Button("Join the call").ClickAsync();
        await alice.IsInCall();
    }

    [Fact]
    public async Task A_caller_who_hangs_up_while_it_rings_has_cancelled_the_call()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await bob.Chooses("Alice");
        await alice.Calls("Bob");
        await Person.Sees(bob.Ring);

        await alice.HangsUp();

        await Person.SeesText(alice.Bar, "Call cancelled");
        await Person.SeesNoMore(bob.Ring);
        await Person.SeesText(bob.Header, "Alice cancelled the call");
    }

    [Fact]
    public async Task A_ring_that_nobody_answers_ends_as_a_missed_call()
    {
        await using var stage = await Stage.Open(
            chromium,
            new Dictionary<string, string> { ["CALLS__POLICY__RING_TIMEOUT"] = "3s" }
        );
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await bob.Chooses("Alice");
        await alice.Calls("Bob");
        await Person.Sees(bob.Ring);

        await Person.SeesText(alice.Bar, "No answer");
        await Person.SeesNoMore(bob.Ring);
        await Person.SeesText(bob.Conversation("Alice"), "Missed call");
    }

    [Fact]
    public async Task Both_calling_at_once_are_in_one_call()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await alice.Chooses("Bob");
        await bob.Chooses("Alice");

        await Task.WhenAll(alice.Evaluate("calls.start('dm-alice-bob')"), bob.Evaluate("calls.start('dm-alice-bob')"));

        await alice.IsInCall();
        await bob.IsInCall();
        await alice.Hears(bob);
        await bob.Hears(alice);
    }

    [Fact]
    public async Task Another_call_is_a_quiet_note_while_in_one_and_the_phone_says_why_it_is_off()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, _) = await stage.TwoInCall();
        var carol = await stage.Enter("Carol");

        await carol.Calls("Alice, Bob, Dave");

        await Person.SeesText(alice.Ring, "Carol is calling…");
        await Person.Sees(alice.Ring.GetByRole(AriaRole.Button, new() { Name = "Switch" }));
        await alice.Chooses("Bob, Carol, Dave");
        var phone = alice.Button("Join the call");
        await Assertions.Expect(phone).ToBeDisabledAsync();
        (await phone.GetAttributeAsync("aria-description")).ShouldBe("You are in a call with Bob. Hang up first.");
        await alice.IsInCall();
    }

    [Fact]
    public async Task Switching_to_another_call_leaves_the_first()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        var carol = await stage.Enter("Carol");
        await carol.Calls("Alice, Bob, Dave");

        await alice.Ring.GetByRole(AriaRole.Button, new() { Name = "Switch" }).ClickAsync();

        await Person.SeesText(bob.Bar, "Alice hung up");
        await alice.IsInCall();
        await carol.IsInCall();
        await carol.Hears(alice);
        await alice.Hears(carol);
    }

    /// <summary>Also takes the README's picture when <c>CALLS_SCREENSHOT</c> says where to put it.</summary>
    [Fact]
    public async Task Who_speaks_is_marked_and_who_is_muted_is_not()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();

        await Person.Sees(alice.Participant("Bob").GetByText("speaking"));
        await Person.Sees(alice.Participant("Alice").GetByText("speaking"));
        await alice.Button("Mute").ClickAsync();
        await Person.SeesNoMore(alice.Participant("Alice").GetByText("speaking"));
        await Person.Sees(bob.Participant("Alice").GetByText("muted"));
        await Person.SeesNoMore(bob.Participant("Alice").GetByText("speaking"));

        if (Environment.GetEnvironmentVariable("CALLS_SCREENSHOT") is { Length: > 0 } path)
        {
            await alice.Page.Mouse.MoveAsync(0, 0);
            await Person.SeesText(alice.Bar, "0:07");
            await alice.Page.ScreenshotAsync(new() { Path = path });
        }
    }

    [Fact]
    public async Task A_page_without_a_microphone_says_so_and_can_still_listen()
    {
        await using var stage = await Stage.Open(chromium);
        var alice = await stage.Enter("Alice");
        var bob = await stage.Enter("Bob");
        await alice.Evaluate(
            "calls.getMicrophone = async () => { throw new DOMException('no', 'NotAllowedError') }, null"
        );
        await alice.Calls("Bob");
        await bob.Answers();

        await Person.Sees(alice.Page.GetByText("The microphone is blocked."));
        await Person.Sees(bob.Participant("Alice").GetByText("muted"));
        await alice.Hears(bob);
    }

    [Fact]
    public async Task The_choice_of_the_microphone_is_kept()
    {
        await using var stage = await Stage.Open(chromium);
        var (alice, bob) = await stage.TwoInCall();
        await bob.Hears(alice);

        await alice.Button("Microphone and speaker").ClickAsync();
        var second = alice.Page.GetByRole(AriaRole.Menuitemradio).Nth(1);
        await second.ClickAsync();

        await bob.Hears(alice);
        await alice.Page.ReloadAsync();
        await alice.IsInCall();
        await alice.Button("Microphone and speaker").ClickAsync();
        await Assertions.Expect(second).ToBeCheckedAsync();
    }
}
