using System.Net.WebSockets;
using Calls.TestKit;

namespace Calls.Caller.Tests.Service;

/// <summary>Callers that behave badly on demand, and the service that bears it.</summary>
public sealed class BadBehaviourTests(ServiceProcess service) : IClassFixture<ServiceProcess>
{
    [Fact]
    public async Task An_offer_that_comes_again_after_a_reconnect_is_answered()
    {
        string[] names = ["again-1", "again-2"];
        var channel = await service.MakeChannel(names);
        await using var alice = await service.Connect(names[0], 500);
        await using var bob = await service.Connect(names[1], 900);
        bob.AnswersOffers = false;
        await alice.Start(channel);
        await bob.Hears("incoming_call");
        await bob.Join(channel);
        var missed = await bob.Hears("media_offer");
        bob.Media.IsConnected.ShouldBeFalse();

        bob.AnswersOffers = true;
        bob.LoseConnection();
        await bob.Reconnect();
        await bob.Hears("media_offer", e => e["session_id"] == missed["session_id"]);
        await alice.HearsTone(bob.UserId, 900, Eventually.Deadline);
        await bob.HearsTone(alice.UserId, 500, Eventually.Deadline);
        bob.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_vanishes_says_no_goodbye_and_is_let_go_by_the_grace()
    {
        await using var host = await HostProcess.Start(
            new Dictionary<string, string>
            {
                ["CALLS__POLICY__RECONNECT_GRACE"] = "1s",
                ["CALLS__POLICY__MEDIA_SILENCE"] = "1s",
            }
        );
        await using var alice = await CallsCaller.Connect(host.Url, await host.Token("alice"));
        await using var bob = await CallsCaller.Connect(host.Url, await host.Token("bob"));
        await alice.Start("dm-alice-bob");
        await bob.Join("dm-alice-bob");
        await bob.Media.Connected(Eventually.Deadline);
        bob.Vanish();
        (await alice.Hears("participant_left", deadline: Eventually.Deadline))["cause"].ShouldBe("disconnected");
    }

    [Fact]
    public async Task Who_floods_is_cut_off()
    {
        await using var mallory = await service.Connect("mallory");
        await mallory.Flood(5_000);
        (await mallory.Ends(Eventually.Deadline)).Code.ShouldBe(4429);
    }

    [Fact]
    public async Task Who_reads_too_slowly_is_cut_off()
    {
        await using var host = await HostProcess.Start(
            new Dictionary<string, string> { ["CALLS__POLICY__HEARTBEAT"] = "500ms" }
        );
        var (clock, pause) = (new VirtualTime(), TimeSpan.FromMinutes(1));
        var options = new CallerOptions
        {
            Clock = clock,
            ReadPause = pause,
            Deadline = TimeSpan.FromDays(40),
        };
        var connecting = CallsCaller.Connect(host.Url, await host.Token("alice"), options: options);
        await Eventually.Holds(() => Task.FromResult(IsReady()), () => "the caller has read ready");
        await using var alice = await connecting;

        // From here on the pause does not end, and nothing is read, pings included.
        await Eventually.Holds(() => CannotSend(alice), () => "the service has cut the caller off");

        bool IsReady()
        {
            clock.Advance(pause);
            return connecting.IsCompleted;
        }
    }

    private static async Task<bool> CannotSend(CallsCaller caller)
    {
        try
        {
            await caller.SendRaw("""{"type":"ping","id":1}""");
            return false;
        }
        catch (WebSocketException)
        {
            return true;
        }
    }
}
