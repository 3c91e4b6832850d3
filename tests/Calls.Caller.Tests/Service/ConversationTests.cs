using Calls.Caller.Signalling;

namespace Calls.Caller.Tests.Service;

/// <summary>Conversations of callers with the service as a process of its own.</summary>
public sealed class ConversationTests(ServiceProcess service) : IClassFixture<ServiceProcess>
{
    private static int _lastUser;

    [Fact]
    public async Task A_call_rings_is_answered_carries_both_voices_and_ends()
    {
        var (alice, bob, channel) = await Dm(500, 900);
        await using var _ = alice;
        await using var __ = bob;
        await alice.Start(channel);
        (await bob.Hears("incoming_call"))["initiator"].ShouldBe(alice.UserId);
        await bob.Join(channel);
        (await alice.Hears("participant_joined", e => e.UserId == bob.UserId)).Version.ShouldBe(2);

        await bob.HearsTone(alice.UserId, 500);
        await alice.HearsTone(bob.UserId, 900);
        bob.Media.HeardTones(alice.UserId, [500, 900]).ShouldBe([500]);

        await bob.Leave(channel);
        var ended = await alice.Hears("call_ended");
        ended["reason"].ShouldBe("last_left");
        alice.Faults.ShouldBeEmpty();
        bob.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_declines_ends_the_ringing_of_a_DM()
    {
        var (alice, bob, channel) = await Dm(null, null);
        await using var _ = alice;
        await using var __ = bob;
        await alice.Start(channel);
        await bob.Hears("incoming_call");
        await bob.Decline(channel);
        await alice.Hears("call_declined", e => e.UserId == bob.UserId);
        (await alice.Hears("call_ended"))["reason"].ShouldBe("all_declined");
    }

    [Fact]
    public async Task The_server_enforces_muting()
    {
        var (alice, bob, channel) = await Dm(500, 900);
        await using var _ = alice;
        await using var __ = bob;
        await Talk(alice, bob, channel);
        await alice.VoiceState(channel, muted: true);
        await bob.NotHearing(alice.UserId);
        await bob.Hears(
            "participant_updated",
            e => e.Body.GetProperty("voice_state").GetProperty("muted").GetBoolean()
        );
        await alice.VoiceState(channel, muted: false);
        await bob.HearsTone(alice.UserId, 500);
    }

    [Fact]
    public async Task Media_flows_on_while_the_WebSocket_is_away_and_the_device_resumes()
    {
        var (alice, bob, channel) = await Dm(500, 900);
        await using var _ = alice;
        await using var __ = bob;
        await Talk(alice, bob, channel);
        alice.LoseConnection();
        await alice.Ends();
        alice.Media.Say(700);
        await bob.HearsTone(alice.UserId, 700);
        await alice.Reconnect();
        var call = alice.Ready.Body.GetProperty("calls")[0];
        call.GetProperty("channel_id").GetString().ShouldBe(channel);
        call.GetProperty("participants").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_repeated_command_takes_effect_once()
    {
        var (alice, bob, channel) = await Dm(null, null);
        await using var _ = alice;
        await using var __ = bob;
        var first = await alice.Start(channel, commandId: "start-1");
        var again = await alice.Start(channel, commandId: "start-1");
        again
            .GetProperty("call")
            .GetProperty("call_id")
            .GetString()
            .ShouldBe(first.GetProperty("call").GetProperty("call_id").GetString());
        var refusal = await Should.ThrowAsync<CallRefusedException>(() => alice.Start(channel, commandId: "start-2"));
        refusal.Code.ShouldBe("call_already_exists");
    }

    [Fact]
    public async Task A_restart_of_the_media_gives_a_new_session_and_nobody_misses_a_word()
    {
        var (alice, bob, channel) = await Dm(500, 900);
        await using var _ = alice;
        await using var __ = bob;
        await Talk(alice, bob, channel);
        var before = alice.Media.SessionId;
        await alice.RestartMedia(channel);
        await alice.Hears("media_offer", e => e["session_id"] != before);
        await alice.Media.Connected();
        alice.Media.Say(1_100);
        await bob.HearsTone(alice.UserId, 1_100);
        await alice.HearsTone(bob.UserId, 900);
    }

    [Fact]
    public async Task A_group_of_four_all_hear_each_other()
    {
        var names = Names(4);
        double[] tones = [400, 600, 800, 1_000];
        var channel = await service.MakeChannel(names);
        var callers = new List<CallsCaller>();
        try
        {
            for (var n = 0; n < names.Length; n++)
            {
                callers.Add(await service.Connect(names[n], tones[n]));
            }

            await callers[0].Start(channel);
            foreach (var caller in callers.Skip(1))
            {
                await caller.Hears("incoming_call");
                await caller.Join(channel);
            }

            foreach (var caller in callers)
            {
                for (var n = 0; n < names.Length; n++)
                {
                    if (names[n] != caller.UserId)
                    {
                        await caller.HearsTone(names[n], tones[n]);
                    }
                }
            }

            await callers[3].Leave(channel);
            await callers[0].Hears("participant_left", e => e.UserId == names[3]);
            await callers[0].HearsTone(names[1], tones[1]);
        }
        finally
        {
            foreach (var caller in callers)
            {
                await caller.DisposeAsync();
            }
        }
    }

    private static async Task Talk(CallsCaller alice, CallsCaller bob, string channel)
    {
        await alice.Start(channel);
        await bob.Hears("incoming_call");
        await bob.Join(channel);
        await bob.HearsTone(alice.UserId, 500);
        await alice.HearsTone(bob.UserId, 900);
    }

    private async Task<(CallsCaller Alice, CallsCaller Bob, string Channel)> Dm(double? first, double? second)
    {
        var names = Names(2);
        var channel = await service.MakeChannel(names);
        return (await service.Connect(names[0], first), await service.Connect(names[1], second), channel);
    }

    private static string[] Names(int count) =>
        [.. Enumerable.Range(0, count).Select(n => $"user-{Interlocked.Increment(ref _lastUser)}")];
}
