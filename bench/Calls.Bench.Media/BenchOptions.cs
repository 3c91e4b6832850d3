using System.Globalization;
using Calls.Bench.Media.Measure;

namespace Calls.Bench.Media;

/// <summary>What is to be measured.</summary>
internal sealed record BenchOptions
{
    // Of 25 who all speak at once no core could forward what they say, and nobody could listen: there three do.
    private static readonly Workload[] All = [new(100, 2), new(300, 2), new(50, 5), new(10, 10), new(20, 25, 3)];
    private static readonly Workload Saturates = new(50, 5);
    private static readonly Workload Bursts = new(100, 2);

    public IReadOnlyList<Workload> Nominal { get; private init; } = All;

    public Workload? Saturated { get; private init; } = Saturates;

    public Workload? Burst { get; private init; } = Bursts;

    public IReadOnlyList<SystemUnderTest> Systems { get; private init; } =
    [SystemUnderTest.Floor, SystemUnderTest.Service];

    public int Rounds { get; private init; } = 3;

    public TimeSpan Length { get; private init; } = TimeSpan.FromSeconds(6);

    /// <summary>Whether the results are written into the file.</summary>
    public bool Keeps { get; private init; }

    /// <summary>Reads the command line: parts and systems by name (<c>50x5</c>, <c>saturation</c>, <c>burst</c>, <c>floor</c>, <c>service</c>), <c>rounds=N</c>, <c>seconds=N</c>, and <c>keep</c> for the whole as it is kept.</summary>
    /// <exception cref="ArgumentException">A word is none of these.</exception>
    public static BenchOptions Read(IReadOnlyCollection<string> words)
    {
        var works = new List<Workload>();
        var systems = new List<SystemUnderTest>();
        var options = new BenchOptions();
        foreach (var word in words)
        {
            if (Workload.TryParse(word, out var work))
                works.Add(work);
            else if (Enum.TryParse<SystemUnderTest>(word, ignoreCase: true, out var system))
                systems.Add(system);
            else if (Value(word, "rounds") is { } rounds)
                options = options with { Rounds = rounds };
            else if (Value(word, "seconds") is { } seconds)
                options = options with { Length = TimeSpan.FromSeconds(seconds) };
            else if (word is "keep")
                options = options with { Keeps = true };
            else if (word is not ("saturation" or "burst"))
                throw new ArgumentException(
                    $"'{word}' is none of: 50x5 and 20x25:3 and the like, saturation, burst, floor, service, rounds=3, seconds=6, keep."
                );
        }
        var isPart = works.Count > 0 || words.Contains("saturation") || words.Contains("burst");
        return options with
        {
            Nominal = isPart ? works : All,
            Saturated = !isPart || words.Contains("saturation") ? Saturates : null,
            Burst = !isPart || words.Contains("burst") ? Bursts : null,
            Systems = systems.Count > 0 ? systems : options.Systems,
        };
    }

    private static int? Value(string word, string name) =>
        word.StartsWith(name + "=", StringComparison.Ordinal)
        && int.TryParse(word[(name.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && value > 0
            ? value
            : null;
}
