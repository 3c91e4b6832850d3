using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Calls.Browser.Parts;

/// <summary>Each user's own tone, by which they are told apart in what arrives. None is near another's overtone.</summary>
public static class Tones
{
    private static readonly Dictionary<string, int> Hz = new()
    {
        ["alice"] = 440,
        ["bob"] = 1010,
        ["carol"] = 1570,
        ["dave"] = 2230,
    };

    /// <summary>A tone at 40 % of full scale arrives at about -8 dB, Firefox's own at -20; what the beginning of another tone spills over stays below.</summary>
    private const double HeardDb = -30;

    /// <summary>Below this it is the codec's own noise.</summary>
    private const double SilentDb = -50;

    /// <summary>How many more packets must come without a foreign tone in them: one second of speech.</summary>
    private const int WatchedPackets = 50;

    /// <summary>Who has a tone.</summary>
    public static IEnumerable<string> Users => Hz.Keys;

    /// <summary>The user's tone.</summary>
    public static int Of(string userId) => Hz[userId];

    /// <summary>What turns a page's microphone into a tone and measures what arrives; null where the browser makes the tone.</summary>
    public static string Script(int? hz) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"globalThis.toneHz = {hz?.ToString(CultureInfo.InvariantCulture) ?? "null"};\n{Source.Value}"
        );

    private static readonly Lazy<string> Source = new(() =>
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("tone.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>The listener receives exactly these speakers, hears each one's tone on their track, and for a second of packets no other tone on it.</summary>
    public static async Task AreHeard(ITab listener, params string[] speakers)
    {
        foreach (var speaker in speakers)
        {
            await Eventually.Holds(
                async () => await IsHeard(listener, speaker),
                () => $"{speaker} is heard; last levels: {Describe(listener, speaker)}; {Report(listener)}"
            );
        }

        await Eventually.Holds(
            async () => (await AudibleUsers(listener)).SequenceEqual(speakers.Order()),
            () => $"only {string.Join(", ", speakers)} can be heard"
        );
        foreach (var speaker in speakers)
        {
            await HasOnlyItsOwnTone(listener, speaker);
        }
    }

    /// <summary>The speaker's track falls silent, or is gone.</summary>
    public static Task IsSilent(ITab listener, string speaker) =>
        Eventually.Holds(
            async () =>
                await Levels(listener, speaker) is not { } levels || levels.Values.All(level => level < SilentDb),
            () => $"{speaker} is silent; last levels: {Describe(listener, speaker)}"
        );

    private static async Task<bool> IsHeard(ITab listener, string speaker) =>
        await Levels(listener, speaker) is { } levels && levels[speaker] > HeardDb;

    private static async Task HasOnlyItsOwnTone(ITab listener, string speaker)
    {
        var packets = await Packets(listener, speaker);
        await Eventually.Holds(
            async () =>
            {
                var levels = await Levels(listener, speaker);
                levels.ShouldNotBeNull();
                foreach (var (user, level) in levels.Where(entry => entry.Key != speaker))
                {
                    level.ShouldBeLessThan(HeardDb, $"{user}'s tone on {speaker}'s track");
                }

                return await Packets(listener, speaker) >= packets + WatchedPackets;
            },
            () => $"{WatchedPackets} more packets of {speaker} arrive: {Report(listener)}"
        );
        await Eventually.Holds(
            async () => await IsHeard(listener, speaker),
            () => $"{speaker} is still heard; last levels: {Describe(listener, speaker)}; {Report(listener)}"
        );
    }

    private static async Task<Dictionary<string, double>?> Levels(ITab listener, string speaker)
    {
        var users = Hz.Keys.ToArray();
        var frequencies = string.Join(',', Hz.Values);
        var levels = await listener.Evaluate($"toneLevels('{speaker}', [{frequencies}])");
        if (levels.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        return users.Zip(levels.EnumerateArray(), (user, level) => (user, level.GetDouble())).ToDictionary();
    }

    private static async Task<long> Packets(ITab listener, string speaker) =>
        (await listener.Evaluate($"tonePackets('{speaker}')")).GetInt64();

    private static async Task<IEnumerable<string>> AudibleUsers(ITab listener) =>
        (await listener.Evaluate("toneUsers()")).EnumerateArray().Select(user => user.GetString()!);

    private static string Report(ITab listener) =>
        listener.Evaluate("toneReport()").GetAwaiter().GetResult().GetString() ?? "";

    private static string Describe(ITab listener, string speaker)
    {
        var levels = Levels(listener, speaker).GetAwaiter().GetResult();
        return levels is null
            ? "no track"
            : string.Join(", ", levels.Select(entry => $"{entry.Key} {entry.Value:F0} dB"));
    }
}
