using Calls.Caller.Media;
using Calls.Caller.Opus;
using Calls.Caller.Tests.Service;

namespace Calls.Caller.Tests.Quality;

/// <summary>What is lost on the way, and what is done about it.</summary>
/// <param name="Loss">The share of packets that gets lost between speaker and service, and again between service and listener, 0 to 1.</param>
internal sealed record Condition(double Loss, bool Nack = false, bool Fec = false, bool Red = false)
{
    public OpusSettings Opus =>
        new()
        {
            Bitrate = 40_000,
            ForwardErrorCorrection = Fec,
            ExpectedLossPercent = 10,
            Dtx = false,
        };

    public string Means
    {
        get
        {
            var means = new[] { Nack ? "NACK" : "", Fec ? "FEC" : "", Red ? "RED" : "" }.Where(word => word.Length > 0);
            return string.Join(" + ", means.DefaultIfEmpty("none"));
        }
    }
}

/// <summary>A call of two over a bad network: one speaks, the other's ear is recorded.</summary>
internal sealed class QualityCall : IAsyncDisposable
{
    public static readonly TimeSpan PlayoutDelay = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(20);

    private static int _lastUser;

    private readonly List<short> _heard = [];
    private readonly CallsCaller _speaker;
    private readonly CallsCaller _listener;

    private QualityCall(Condition condition, CallsCaller speaker, CallsCaller listener, List<short> heard) =>
        (Condition, _speaker, _listener, _heard) = (condition, speaker, listener, heard);

    public Condition Condition { get; }

    /// <summary>How much was heard, in samples.</summary>
    public int Length
    {
        get
        {
            lock (_heard)
            {
                return _heard.Count;
            }
        }
    }

    public short[] Heard
    {
        get
        {
            lock (_heard)
            {
                return [.. _heard];
            }
        }
    }

    public TrackReport Track => _listener.Media.Tracks.Single();

    /// <summary>Rings, joins, and waits until media flows; nobody says anything yet.</summary>
    public static async Task<QualityCall> Begin(
        ServiceProcess service,
        Condition condition,
        LossyRelay relay,
        CallerLoop loop,
        int seed
    )
    {
        var number = Interlocked.Increment(ref _lastUser);
        string[] users = [$"speaker-{number}", $"listener-{number}"];
        var channel = await service.MakeChannel(users);
        var heard = new List<short>();
        var options = new CallerOptions
        {
            Loop = loop,
            Opus = condition.Opus,
            Retransmission = condition.Nack,
            RedundantFrames = condition.Red ? 1 : 0,
            PlayoutDelay = PlayoutDelay,
            CatchUp = TimeSpan.FromSeconds(1),
            Deadline = TestKit.Eventually.Deadline,
            TakeSound = _ => Take,
        };
        var speaker = await service.Connect(users[0], options with { Route = relay.Way(condition.Loss, Jitter, seed) });
        var listener = await service.Connect(
            users[1],
            options with
            {
                Route = relay.Way(condition.Loss, Jitter, seed + 1_000),
            }
        );
        await speaker.Start(channel);
        await listener.Hears("incoming_call");
        await listener.Join(channel);
        await Task.WhenAll(speaker.Media.Connected(), listener.Media.Connected());
        await TestKit.Eventually.Holds(
            () => Task.FromResult(listener.Media.Tracks.Count == 1),
            () => "the listener has the speaker's line"
        );
        return new QualityCall(condition, speaker, listener, heard);

        void Take(ReadOnlySpan<short> samples)
        {
            lock (heard)
            {
                heard.AddRange(samples);
            }
        }
    }

    public void Say(Recording speech) => _speaker.Media.Say(speech);

    public async ValueTask DisposeAsync()
    {
        await _speaker.DisposeAsync();
        await _listener.DisposeAsync();
    }
}
