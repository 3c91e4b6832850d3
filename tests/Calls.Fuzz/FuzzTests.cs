using Calls.Fuzz.Engine;
using Calls.Fuzz.Targets;
using Xunit.Abstractions;

namespace Calls.Fuzz;

/// <summary>A short run of each target by every test run, and every input that has once shown a fault.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    /// <summary>Another one each day, so that the short runs add up; a failure says which it was.</summary>
    private static readonly int Seed = DateTime.UtcNow.DayOfYear + (1_000 * DateTime.UtcNow.Year);

    public static TheoryData<string> Targets => [.. TargetList.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_short_run_finds_nothing(string target)
    {
        var options = new FuzzOptions { Seed = Seed, Time = TimeSpan.FromSeconds(2) };
        var run = TargetList.Run(target, options);
        var finding = run.Run();
        output.WriteLine($"{target}: {run.Cases} cases of seed {Seed}, {run.Weight} bytes of state");
        finding.ShouldBeNull(finding is null ? "" : Advice(finding));
        run.Cases.ShouldBePositive();
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_was_once_a_fault_is_none_any_more(string target)
    {
        foreach (var file in Regressions.Of(target))
        {
            var finding = TargetList.Run(target, new FuzzOptions { Seed = 0 }).Replay(File.ReadAllBytes(file));
            finding.ShouldBeNull($"{file}: {finding}");
        }
    }

    [Fact]
    public void Every_folder_of_regressions_is_a_targets() =>
        Directory
            .GetDirectories(Regressions.Folder)
            .Select(Path.GetFileName)
            .ShouldBeSubsetOf(TargetList.All.Select(target => target.Name));

    private static string Advice(Finding finding)
    {
        var kept = Regressions.Write(finding, Directory.CreateTempSubdirectory("calls-fuzz-").FullName);
        return $"""
            {finding}
            The input is in {kept}. To see it again:
              ./build.sh fuzz --target {finding.Target} --replay {kept}
            or, if it takes the cases before it, too:
              ./build.sh fuzz --target {finding.Target} --seed {finding.Seed}
            Put it into tests/Calls.Fuzz/regressions/{finding.Target} with the fix.
            """;
    }
}
