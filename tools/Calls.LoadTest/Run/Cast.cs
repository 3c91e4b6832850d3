using System.Collections.Concurrent;
using Calls.Caller;
using Calls.Caller.Media;
using Calls.Caller.Opus;
using Calls.LoadTest.Options;

namespace Calls.LoadTest.Run;

/// <summary>Who takes part, by which names, and who says which tone.</summary>
internal sealed class Cast
{
    // 300 to 2,660 Hz in steps that the ear tells apart with ease; more than twice as many as a channel has members.
    private const int Tones = 60;
    private const double LowestTone = 300;
    private const double Step = 40;

    private static readonly TimeSpan RecordingLength = TimeSpan.FromSeconds(10);

    // Tones are no challenge to an encoder; the packets are as long as with more effort.
    private static readonly OpusSettings Opus = new() { Complexity = 1 };

    private readonly ConcurrentDictionary<int, Lazy<Recording>> _recordings = new();
    private readonly LoadOptions _options;
    private readonly CallerLoop _loop;
    private readonly string _run;
    private readonly int[] _firstUser;
    private readonly Voices _voices;

    /// <summary>The members of conversations of these sizes.</summary>
    /// <param name="options">How they listen.</param>
    /// <param name="sizes">Members of each conversation.</param>
    /// <param name="run">What tells this run's users from those of others.</param>
    /// <param name="loop">Does their media.</param>
    public Cast(LoadOptions options, IReadOnlyList<int> sizes, string run, CallerLoop loop)
    {
        (_options, _run, _loop) = (options, run, loop);
        _firstUser = new int[sizes.Count];
        var tones = new Dictionary<string, double>(StringComparer.Ordinal);
        var users = 0;
        for (var conversation = 0; conversation < sizes.Count; conversation++)
        {
            _firstUser[conversation] = users;
            users += sizes[conversation];
            for (var member = 0; member < sizes[conversation]; member++)
                tones[User(conversation, member)] = Hertz(ToneOf(conversation, member));
        }
        Users = users;
        _voices = new Voices(tones);
    }

    /// <summary>How many there are.</summary>
    public int Users { get; }

    public string Channel(int conversation) => $"load-{_run}-{conversation}";

    public string User(int conversation, int member) => $"load-{_run}-{conversation}-{member}";

    /// <summary>How one of them behaves.</summary>
    public CallerOptions Behaviour(int conversation, int member) =>
        new()
        {
            Loop = _loop,
            Sound = RecordingOf(ToneOf(conversation, member)),
            Voices = _voices,
            // The first to be called listens for all the others.
            Listening = _options.Listen == Listen.All || member == 1 ? Listening.Sound : Listening.Packets,
            Profiles = _options.Profile is { } profile ? [profile] : Calls.Media.Srtp.SrtpProfile.Preferred,
            OutgoingLoss = _options.Lose,
            IncomingLoss = _options.Lose,
            Retransmission = _options.Retransmission,
            Deadline = TimeSpan.FromSeconds(20),
            KeptEvents = 300,
        };

    private static double Hertz(int tone) => LowestTone + (tone * Step);

    // Neighbours in a call have different ones, and conversations after another do too.
    private int ToneOf(int conversation, int member) => (_firstUser[conversation] + member) % Tones;

    private Recording RecordingOf(int tone) =>
        _recordings
            .GetOrAdd(
                tone,
                t => new Lazy<Recording>(() =>
                {
                    var pattern = TalkPattern.Create(new Random(_options.Seed + t), RecordingLength);
                    return Recording.OfSpeech(Hertz(t), pattern, Opus);
                })
            )
            .Value;
}
