using Calls.Media.Srtp;

namespace Calls.Caller.Tests.Media;

/// <summary>Callers with the real media server between them: ICE, DTLS, SRTP and Opus, over loopback.</summary>
public sealed class CallerMediaTests : IAsyncLifetime
{
    private readonly Room _room = new();

    [Fact]
    public async Task Two_callers_hear_each_others_tone()
    {
        var alice = _room.Join("alice", 500);
        var bob = _room.Join("bob", 900);
        await alice.HearsTone("bob", 900);
        await bob.HearsTone("alice", 500);
        bob.HeardTones("alice", [500, 900]).ShouldBe([500]);
        alice.UnexpectedPackets.ShouldBe(0);
        _room.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task In_a_group_everybody_hears_everybody_else_and_nobody_themselves()
    {
        var tones = new Dictionary<string, double>
        {
            ["alice"] = 400,
            ["bob"] = 600,
            ["carol"] = 800,
            ["dave"] = 1000,
        };
        var callers = tones.ToDictionary(t => t.Key, t => _room.Join(t.Key, t.Value));
        foreach (var (name, caller) in callers)
        {
            foreach (var (other, tone) in tones.Where(t => t.Key != name))
            {
                await caller.HearsTone(other, tone);
            }

            caller.Tracks.Select(t => t.Track.UserId).ShouldBe(tones.Keys.Where(k => k != name), ignoreOrder: true);
        }

        _room.Faults.ShouldBeEmpty();
    }

    public static TheoryData<string> Profiles => [.. SrtpProfile.Preferred.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task A_client_that_has_only_one_SRTP_profile_takes_part(string name)
    {
        var profile = SrtpProfile.Preferred.Single(p => p.Name == name);
        var alice = _room.Join("alice", 500, new CallerOptions { Profiles = [profile] });
        var bob = _room.Join("bob", 900);
        await alice.HearsTone("bob", 900);
        await bob.HearsTone("alice", 500);
        alice.Profile.ShouldBe(profile);
    }

    [Fact]
    public async Task Who_is_muted_is_not_heard_and_heard_again_without_a_hole()
    {
        var alice = _room.Join("alice", 500);
        var bob = _room.Join("bob", null);
        await bob.HearsTone("alice", 500);
        _room.Mute(alice, true);
        await bob.NotHearing("alice", TimeSpan.FromMilliseconds(300));
        alice.Say(700);
        _room.Mute(alice, false);
        await bob.HearsTone("alice", 700);
        bob.Tracks.ShouldHaveSingleItem().Lost.ShouldBe(0);
    }

    [Fact]
    public async Task A_new_session_takes_over_from_the_old_one()
    {
        var alice = _room.Join("alice", 500);
        var bob = _room.Join("bob", 900);
        await bob.HearsTone("alice", 500);
        alice.Say(1100);
        var session = _room.Open("alice", alice);
        await bob.HearsTone("alice", 1100);
        await alice.HearsTone("bob", 900);
        alice.SessionId.ShouldBe(session);
    }

    [Fact]
    public async Task An_address_that_changes_in_mid_call_is_followed()
    {
        var alice = _room.Join("alice", 500);
        var bob = _room.Join("bob", 900);
        await bob.HearsTone("alice", 500);
        alice.Rebind();
        alice.Say(1300);
        await bob.HearsTone("alice", 1300);
        await bob.NotHearing("nobody", TimeSpan.FromMilliseconds(1));
        bob.Say(1500);
        await alice.HearsTone("bob", 1500);
    }

    [Fact]
    public async Task Reports_go_both_ways_and_show_the_round_trip()
    {
        var alice = _room.Join("alice", 500);
        var bob = _room.Join("bob", 900);
        await bob.HearsTone("alice", 500);
        await Until(() => _room.Stats(alice)?.RoundTripMs is not null || alice.RoundTrip is not null);
        alice.Tracks.ShouldAllBe(t => t.Lost == 0);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _room.DisposeAsync();

    private static async Task Until(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(50, deadline.Token);
        }
    }
}
