using System.Diagnostics;
using System.Globalization;
using Calls.Fuzz.Capture;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Targets;

namespace Calls.Fuzz;

/// <summary>The program behind <c>./build.sh fuzz</c>.</summary>
internal static class FuzzProgram
{
    public const int Clean = 0;
    public const int Found = 1;
    public const int CouldNotRun = 2;

    public static int Run(string[] args, TextWriter output, TextWriter errors)
    {
        var parsed = CommandLine.Root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                errors.WriteLine(error.Message);
            }
            errors.WriteLine("--help lists the options.");
            return CouldNotRun;
        }
        if (parsed.Action is not null)
        {
            return parsed.Invoke(new() { Output = output, Error = errors });
        }
        if (parsed.GetValue(CommandLine.TakeCapture))
        {
            return CaptureCorpus(output, errors);
        }
        if (parsed.GetValue(CommandLine.ImportFrom) is { } folder)
        {
            return Import(folder, output);
        }
        var chosen = parsed.GetValue(CommandLine.Target) is { Length: > 0 } named ? named : CommandLine.Names;
        if (parsed.GetValue(CommandLine.Replay) is { } file)
        {
            return ReplayFile(file, chosen, output, errors);
        }
        var minutes = parsed.GetValue(CommandLine.Minutes);
        if (minutes is not (> 0 and <= 100_000))
        {
            errors.WriteLine("--minutes must be more than 0.");
            return CouldNotRun;
        }
        var seed = parsed.GetValue(CommandLine.Seed) ?? Random.Shared.Next();
        return Fuzz(chosen, seed, TimeSpan.FromMinutes(minutes / chosen.Length), output);
    }

    private static int Fuzz(string[] targets, int seed, TimeSpan each, TextWriter output)
    {
        output.WriteLine(Text($"Seed {seed}; {targets.Length} targets, {each.TotalSeconds:0.0} s each."));
        var found = 0;
        foreach (var name in targets)
        {
            var clock = Stopwatch.StartNew();
            var told = TimeSpan.Zero;
            var run = TargetList.Run(name, new FuzzOptions { Seed = seed, Time = each });
            var finding = run.Run(running =>
            {
                if (clock.Elapsed - told > TimeSpan.FromSeconds(10))
                {
                    told = clock.Elapsed;
                    output.WriteLine(Text($"  {name}: {running.Cases} cases so far, {told.TotalSeconds:0} s"));
                }
            });
            var weight = run.Weight > 0 ? Text($", {run.Weight / 1024} KB of state") : "";
            output.WriteLine(
                Text($"{name, -12} {run.Cases, 10} cases in {clock.Elapsed.TotalSeconds, 6:0.0} s{weight}")
            );
            if (finding is not null)
            {
                found++;
                output.WriteLine(Text($"FOUND {finding}"));
                output.WriteLine($"      kept as {Regressions.Write(finding, Regressions.Folder)}");
            }
        }
        output.WriteLine(found == 0 ? "Nothing found." : Text($"{found} faults found with seed {seed}."));
        return found == 0 ? Clean : Found;
    }

    private static int ReplayFile(string file, string[] targets, TextWriter output, TextWriter errors)
    {
        if (targets.Length != 1 || !File.Exists(file))
        {
            errors.WriteLine("--replay needs a file that is there, and exactly one --target.");
            return CouldNotRun;
        }
        var finding = TargetList.Run(targets[0], new FuzzOptions { Seed = 0 }).Replay(File.ReadAllBytes(file));
        output.WriteLine(finding is null ? "Nothing found." : Text($"FOUND {finding}"));
        return finding is null ? Clean : Found;
    }

    private static int CaptureCorpus(TextWriter output, TextWriter errors)
    {
        var folder = Directory.CreateTempSubdirectory("calls-capture-").FullName;
        using var capture = Process.Start(Path.Combine(Corpus.Folder, "Capture", "capture.sh"), [folder]);
        capture.WaitForExit();
        if (capture.ExitCode != 0)
        {
            errors.WriteLine($"The capture failed; what there is of it lies in {folder}.");
            return CouldNotRun;
        }
        var code = Import(folder, output);
        Directory.Delete(folder, recursive: true);
        return code;
    }

    private static int Import(string folder, TextWriter output)
    {
        foreach (var (kind, count) in CorpusImport.Run(folder, Path.Combine(Corpus.Folder, "corpus")).Written)
        {
            output.WriteLine(Text($"{kind, -20} {count, 3}"));
        }
        return Clean;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
