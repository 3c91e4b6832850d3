using System.CommandLine;
using Calls.Fuzz.Targets;

namespace Calls.Fuzz;

/// <summary>The options of <c>./build.sh fuzz</c>, and what they mean.</summary>
internal static class CommandLine
{
    private const string About = """
        Changes captured packets and texts, and gives them to the parsers and state machines that strangers can reach. A fault
        is an exception, memory or time beyond a limit of the target's, no end, state that grows, and in the SFU also that two
        honest participants cease to hear each other. Its input is written to tests/Calls.Fuzz/regressions, which the tests
        run from then on.

        Examples:
          ten minutes, all targets by turns:          ./build.sh fuzz --minutes 10
          one of them, as a run before did it:        ./build.sh fuzz --minutes 1 --target rtcp --seed 12345
          a file once more:                           ./build.sh fuzz --target rtcp --replay FILE
          the corpus anew, of real clients (root):    ./build.sh fuzz --capture

        Exit codes: 0 nothing found, 1 a fault was found, 2 it could not run.
        """;

    public static readonly string[] Names = [.. TargetList.All.Select(target => target.Name)];

    public static readonly Option<double> Minutes = new("--minutes")
    {
        Description = "How long, shared equally by the targets.",
        DefaultValueFactory = _ => 1,
    };

    public static readonly Option<int?> Seed = new("--seed")
    {
        Description = "Of all chance; drawn by lot and said if it is not given. The same seed makes the same cases.",
    };

    public static readonly Option<string[]> Target = new Option<string[]>("--target")
    {
        Description = $"Only these: {string.Join(", ", Names)}.",
        AllowMultipleArgumentsPerToken = true,
    }.AcceptOnlyFromAmong(Names);

    public static readonly Option<string?> Replay = new("--replay")
    {
        Description = "Runs this one input, of the one target that is named.",
    };

    public static readonly Option<bool> TakeCapture = new("--capture")
    {
        Description =
            "Captures what Chromium, werift and Calls.Caller send in their tests, and makes the corpus of it.",
    };

    public static readonly Option<string?> ImportFrom = new("--import")
    {
        Description = "Makes the corpus of a folder that tests/Calls.Fuzz/Capture/capture.sh has written.",
    };

    public static readonly RootCommand Root = new(About) { Minutes, Seed, Target, Replay, TakeCapture, ImportFrom };
}
