using Calls.Caller.Media;
using Calls.Caller.Opus;
using Calls.TestKit;

namespace Calls.Caller.Tests.Service;

/// <summary>One who sends far more than anybody may, in a call of three and beside another call; the service is a process of its own.</summary>
public sealed class FloodTests(ServiceProcess service) : IClassFixture<ServiceProcess>
{
    // 100 ms windows of the right tone from each, after the flood has begun.
    private const int Windows = 60;

    private static readonly string[] Users = ["alice", "bob", "mallory", "carol", "dave"];
    private static readonly double[] Tones = [500, 700, 900, 1_100, 1_300];
    private static readonly Voices Known = new(
        Users.Zip(Tones).ToDictionary(pair => Name(pair.First), pair => pair.Second)
    );

    /// <param name="packetsPerFrame">How many packets are sent in 20 ms.</param>
    /// <param name="ssrcs">With how many SSRCs in turn.</param>
    /// <param name="isLarge">Whether each packet is as large as Opus makes them of one channel, some 750 bytes.</param>
    /// <param name="ceiling">Packets that the service lets through in a second, and once at the beginning (docs/media.md): 400, or 200,000 bytes.</param>
    [Theory]
    [InlineData(40, 1, false, 400)]
    [InlineData(30, 1, true, 270)]
    [InlineData(30, 8, true, 270)]
    public async Task Who_floods_with_media_disturbs_nobody(int packetsPerFrame, int ssrcs, bool isLarge, int ceiling)
    {
        using var loop = new CallerLoop();
        using var floodLoop = new CallerLoop(); // the flood's own work is not to make the others late
        var flood = new CallerOptions
        {
            Loop = floodLoop,
            PacketsPerFrame = packetsPerFrame,
            Ssrcs = ssrcs,
        };
        var callers = new List<CallsCaller>();
        try
        {
            for (var n = 0; n < Users.Length; n++)
            {
                var options = Users[n] == "mallory" ? flood : new CallerOptions { Tone = Tones[n], Loop = loop };
                callers.Add(await service.Connect(Name(Users[n]), options with { Voices = Known }));
            }

            await Call(callers[0], callers[1], callers[2]);
            await Call(callers[3], callers[4]);
            await callers[0].HearsTone(callers[1].UserId, Tones[1], Eventually.Deadline);
            await callers[3].HearsTone(callers[4].UserId, Tones[4], Eventually.Deadline);

            var began = CallerLoop.Now;
            callers[2].Media.Say(isLarge ? Noise() : Recording.OfTone(Tones[2]));
            (int Listener, int Speaker)[] pairs = [(0, 1), (1, 0), (3, 4), (4, 3)];
            var before = pairs.Select(pair => Heard(callers[pair.Listener], callers[pair.Speaker])).ToArray();
            await Eventually.Holds(
                () => Task.FromResult(pairs.Zip(before).All(each => HasHeardEnough(each.First, each.Second))),
                () => string.Join("; ", pairs.Select(pair => Heard(callers[pair.Listener], callers[pair.Speaker])))
            );

            foreach (var ((listener, speaker), first) in pairs.Zip(before))
            {
                var heard = Heard(callers[listener], callers[speaker]);
                var lost = (double)(heard.Lost - first.Lost) / (heard.Received - first.Received);
                lost.ShouldBeLessThan(0.01, $"{heard}");
                heard.WrongSound.ShouldBeFalse($"{heard}");
                heard.Sound.UnclearWindows.ShouldBeLessThan(Windows / 10, $"{heard}");
            }

            var seconds = (CallerLoop.Now - began).TotalSeconds;
            callers[2].Media.SentPackets.ShouldBeGreaterThan((long)(1.5 * ceiling * (seconds + 1)), "it is a flood");
            var flooded = Heard(callers[0], callers[2]);
            flooded.Received.ShouldBeLessThan((long)(ceiling * (seconds + 2)), "of which the ceiling is passed on");

            bool HasHeardEnough((int Listener, int Speaker) pair, TrackReport first) =>
                Heard(callers[pair.Listener], callers[pair.Speaker]).Sound.RightWindows
                >= first.Sound.RightWindows + Windows;
        }
        finally
        {
            await Task.WhenAll(callers.Select(caller => caller.DisposeAsync().AsTask()));
        }
    }

    private async Task Call(CallsCaller initiator, params CallsCaller[] others)
    {
        var channel = await service.MakeChannel([initiator.UserId, .. others.Select(other => other.UserId)]);
        await initiator.Start(channel);
        foreach (var other in others)
        {
            await other.Hears("incoming_call");
            await other.Join(channel);
            await other.Media.Connected(Eventually.Deadline);
        }
    }

    // Of all sounds the one that takes the most bytes.
    private static Recording Noise()
    {
        var random = new Random(1);
        var samples = new short[OpusFormat.SampleRate];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)random.Next(-20_000, 20_000);
        }

        return Recording.OfSamples(samples, new OpusSettings { Bitrate = 510_000, Dtx = false });
    }

    private static string Name(string user) => $"flood-{user}";

    private static TrackReport Heard(CallsCaller listener, CallsCaller speaker) =>
        listener.Media.Tracks.FirstOrDefault(track => track.Track.UserId == speaker.UserId)
        ?? throw new InvalidOperationException($"{listener.UserId} has no line of {speaker.UserId}.");
}
