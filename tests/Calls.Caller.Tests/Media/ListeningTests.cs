using Calls.Caller.Media;
using Calls.TestKit;

namespace Calls.Caller.Tests.Media;

/// <summary>What callers tell of those whom they hear, with the real media server between them.</summary>
public sealed class ListeningTests : IAsyncLifetime
{
    private static readonly Voices Known = new(
        new Dictionary<string, double>
        {
            ["alice"] = 500,
            ["bob"] = 900,
            ["carol"] = 1_300,
        }
    );
    private static readonly CallerOptions Judging = new() { Voices = Known };

    private readonly Room _room = new();

    [Fact]
    public async Task Who_speaks_as_themselves_is_heard_so_with_a_delay_and_without_loss()
    {
        _room.Join("alice", 500, Judging);
        var bob = _room.Join("bob", 900, Judging);
        await Reports(bob, track => track.Sound.RightWindows >= 10);
        var heard = bob.Tracks.ShouldHaveSingleItem();
        heard.Sound.ShouldBe(new SoundCounts { RightWindows = heard.Sound.RightWindows });
        heard.ToneFound.ShouldBe(true);
        heard.WrongSound.ShouldBeFalse();
        heard.Lost.ShouldBe(0);
        // The histogram goes on counting, and may be one packet behind.
        var delays = heard.Delay.Count;
        delays.ShouldBeInRange(heard.Received - 1, bob.Tracks.Single().Received);
        heard.Delay.Quantile(0.5)!.Value.ShouldBeInRange(TimeSpan.FromMicroseconds(5), TimeSpan.FromSeconds(10));
        heard.FirstAt.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(bob.ConnectedAt!.Value - TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Who_says_anothers_tone_is_noticed()
    {
        _room.Join("alice", 1_300, Judging);
        var bob = _room.Join("bob", null, Judging);
        await Reports(bob, track => track.Sound.WrongWindows >= TrackReport.LeastWindows);
        var heard = bob.Tracks.ShouldHaveSingleItem();
        heard.ToneFound.ShouldBe(false);
        heard.WrongSound.ShouldBeTrue();
        heard.Sound.OthersPackets.ShouldBe(0);
    }

    [Fact]
    public async Task Who_says_nobodys_tone_is_noticed()
    {
        _room.Join("alice", 650, Judging);
        var bob = _room.Join("bob", null, Judging);
        await Reports(bob, track => track.Sound.UnclearWindows >= TrackReport.LeastWindows);
        bob.Tracks.ShouldHaveSingleItem().ToneFound.ShouldBe(false);
    }

    [Fact]
    public async Task A_packet_of_somebody_else_is_noticed_without_being_decoded()
    {
        _room.Join("alice", 500, Judging, name: "mallory");
        var bob = _room.Join("bob", null, Judging with { Listening = Listening.Packets });
        await Reports(bob, track => track.Received >= 10);
        var heard = bob.Tracks.ShouldHaveSingleItem();
        heard.WrongSound.ShouldBeTrue();
        heard.Sound.OthersPackets.ShouldBeGreaterThanOrEqualTo(10);
        heard.Sound.RightWindows.ShouldBe(0);
        heard.ToneFound.ShouldBeNull();
    }

    [Fact]
    public async Task A_bad_network_shows_as_loss_and_keeps_nobody_from_connecting()
    {
        var lossy = Judging with { IncomingLoss = 0.3, OutgoingLoss = 0.3, Deadline = Eventually.Deadline };
        var alice = _room.Join("alice", 500, Judging);
        var bob = _room.Join("bob", 900, lossy);
        await bob.Connected();
        await Reports(bob, track => track.Received >= 100);
        await Reports(alice, track => track.Received >= 100);
        foreach (var track in (TrackReport[])[.. bob.Tracks, .. alice.Tracks])
        {
            ((double)track.Lost / (track.Lost + track.Received)).ShouldBeInRange(0.1, 0.5);
        }
    }

    [Fact]
    public async Task What_was_heard_can_be_read_after_the_end()
    {
        var alice = _room.Join("alice", 500, Judging);
        var bob = _room.Join("bob", 900, Judging);
        await Reports(bob, track => track.Received >= 10);
        _room.Leave(alice);
        alice.Close();
        await Eventually.Holds(() => Task.FromResult(bob.Tracks.Count == 0), () => "Alice's line is gone");
        bob.AllTracks.ShouldHaveSingleItem().Received.ShouldBeGreaterThanOrEqualTo(10);
        alice.TakeTracks().ShouldHaveSingleItem().Track.UserId.ShouldBe("bob");
        alice.TakeTracks().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Listening.Packets, false)]
    [InlineData(Listening.Sound, false)]
    [InlineData(Listening.Sound, true)]
    public async Task A_packet_makes_no_garbage(Listening listening, bool isCareful)
    {
        using var loop = new CallerLoop();
        var busy = Judging with
        {
            Loop = loop,
            PacketsPerFrame = 7,
            Listening = listening,
            Retransmission = isCareful,
            RedundantFrames = isCareful ? 1 : 0,
            PlayoutDelay = isCareful ? TimeSpan.FromMilliseconds(100) : null,
        };
        using var alice = _room.Join("alice", 500, busy);
        using var bob = _room.Join("bob", 900, busy);
        await Reports(bob, track => track.Received >= 1_000);
        var (bytes, packets) = (await loop.Allocated(), bob.Tracks[0].Received);
        await Reports(bob, track => track.Received >= packets + 2_000);

        // Two thousand came, four thousand were handled. The reports of each second make some; a packet that made one object would make 24 bytes.
        var each = (double)(await loop.Allocated() - bytes) / (2 * (bob.Tracks[0].Received - packets));
        each.ShouldBeLessThan(12);
    }

    [Fact]
    public async Task The_loop_knows_what_was_done_and_how_late()
    {
        using var loop = new CallerLoop();
        var options = Judging with { Loop = loop };
        using var alice = _room.Join("alice", 500, options);
        using var bob = _room.Join("bob", 900, options);
        await Reports(bob, track => track.Received >= 50);
        var tally = await loop.TakeTally();
        tally.Received.ShouldBeGreaterThanOrEqualTo(50);
        tally.Expected.ShouldBe(tally.Received);
        tally.Delay.Count.ShouldBe(tally.Received);
        tally.Sent.ShouldBeGreaterThan(100);
        tally.Lag.Quantile(0.5)!.Value.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        (await loop.TakeTally()).Received.ShouldBeLessThan(tally.Received);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _room.DisposeAsync();

    private static Task Reports(CallerMedia caller, Func<TrackReport, bool> condition) =>
        Eventually.Holds(
            () => Task.FromResult(caller.Tracks.Any(condition)),
            () => string.Join("; ", caller.Tracks.Select(t => $"{t}"))
        );
}
