using Calls.Caller.Media;
using Calls.Caller.Opus;
using Calls.TestKit;

namespace Calls.Caller.Tests.Media;

/// <summary>What callers make of a bad network, with the real media server between them.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private static readonly CallerOptions Careful = new()
    {
        PlayoutDelay = TimeSpan.FromMilliseconds(400),
        Opus = new OpusSettings { ForwardErrorCorrection = false, Dtx = false },
    };

    private readonly Room _room = new();

    [Fact]
    public async Task Who_asks_again_hears_nearly_all_that_was_lost_each_way()
    {
        var asking = Careful with { Retransmission = true };
        var alice = _room.Join("alice", 500, asking with { OutgoingLoss = 0.2 });
        var bob = _room.Join("bob", null, asking with { IncomingLoss = 0.2 });
        await Eventually.Holds(
            () => Task.FromResult(alice.SentAgain >= 15 && Heard(bob).Recovery.Retransmitted >= 15),
            () => $"{alice.SentAgain} sent again; {Heard(bob)}"
        );
        var heard = Heard(bob);
        heard.Recovery.Retransmitted.ShouldBeGreaterThan(heard.Lost * 3, $"{heard}");
        heard.LostBeforeRecovery.ShouldBe(heard.Lost + heard.Recovery.Retransmitted);
    }

    [Fact]
    public async Task Who_does_not_ask_gets_nothing_again()
    {
        _room.Join("alice", 500, Careful with { OutgoingLoss = 0.2 });
        var bob = _room.Join("bob", null, Careful with { IncomingLoss = 0.2 });
        await Hears(bob, track => track.Recovery.Concealed >= 15);
        Heard(bob).Recovery.Retransmitted.ShouldBe(0);
        Heard(bob).Recovery.FromRedundancy.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Redundancy_fills_most_holes(bool isHeld)
    {
        var redundant = Careful with { RedundantFrames = 1, PlayoutDelay = isHeld ? Careful.PlayoutDelay : null };
        _room.Join("alice", 500, redundant);
        var bob = _room.Join("bob", null, redundant with { IncomingLoss = 0.2 });
        await Hears(bob, track => track.Recovery.FromRedundancy >= 15);
        var heard = Heard(bob);
        heard.Recovery.FromRedundancy.ShouldBeGreaterThan(heard.Recovery.Concealed * 2, $"{heard}");
        heard.Sound.Undecodable.ShouldBe(0);
        heard.Sound.Unstamped.ShouldBe(0);
        heard.ToneFound.ShouldNotBe(false);
    }

    [Fact]
    public async Task Who_did_not_agree_to_redundancy_hears_the_present_frames_alone()
    {
        _room.Join("alice", 500, Careful with { RedundantFrames = 2 });
        var bob = _room.Join("bob", null, Careful with { IncomingLoss = 0.2 });
        await Hears(bob, track => track.Recovery.Concealed >= 10);
        var heard = Heard(bob);
        heard.Recovery.FromRedundancy.ShouldBe(0);
        heard.Sound.Undecodable.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forward_error_correction_fills_holes_where_the_encoder_makes_it(bool isHeld)
    {
        var held = Careful with { PlayoutDelay = isHeld ? Careful.PlayoutDelay : null };
        var speaking = held with
        {
            Opus = new OpusSettings
            {
                ExpectedLossPercent = 20,
                Bitrate = 24_000,
                Dtx = false,
            },
        };
        _room.Join("alice", 500, speaking);
        var bob = _room.Join("bob", null, held with { IncomingLoss = 0.2 });
        await Hears(bob, track => track.Recovery.FromForwardErrorCorrection >= 15);
    }

    [Fact]
    public async Task What_is_heard_can_be_taken_as_samples()
    {
        long samples = 0;
        var options = Careful with { TakeSound = track => track.UserId == "alice" ? Take : null };
        _room.Join("alice", 500, Careful);
        _room.Join("carol", 700, Careful);
        var bob = _room.Join("bob", null, options);
        await Hears(bob, track => track.Received >= 100 && track.Track.UserId == "carol");
        await Eventually.Holds(
            () => Task.FromResult(Interlocked.Read(ref samples) >= 48_000),
            () => $"{samples} samples"
        );

        void Take(ReadOnlySpan<short> frame)
        {
            frame.Length.ShouldBe(OpusFormat.FrameSamples);
            Interlocked.Add(ref samples, frame.Length);
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _room.DisposeAsync();

    private static TrackReport Heard(CallerMedia caller) =>
        caller.Tracks.FirstOrDefault(track => track.Track.UserId == "alice")
        ?? new TrackReport(new OfferedTrack("", "", "", ""), 0, 0, default, default, new Histogram(), null);

    private static Task Hears(CallerMedia caller, Func<TrackReport, bool> condition) =>
        Eventually.Holds(
            () => Task.FromResult(caller.Tracks.Any(condition)),
            () => string.Join("; ", caller.Tracks.Select(t => $"{t}"))
        );
}
