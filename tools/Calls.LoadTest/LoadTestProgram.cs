using System.Runtime.InteropServices;
using Calls.LoadTest.Options;
using Calls.LoadTest.Report;
using Calls.LoadTest.Run;
using Calls.LoadTest.View;
using Spectre.Console;

namespace Calls.LoadTest;

/// <summary>The program: reads the options, runs, reports, and says by its exit code what became of it.</summary>
internal static class LoadTestProgram
{
    public const int Held = 0;
    public const int Broken = 1;
    public const int CouldNotRun = 2;
    public const int Interrupted = 3;

    public static async Task<int> Run(string[] args, TextWriter output, TextWriter errors, bool isTerminal)
    {
        var commandLine = new CommandLine();
        var parsed = commandLine.Root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                errors.WriteLine(error.Message);
            errors.WriteLine("--help lists the options.");
            return CouldNotRun;
        }
        // Without an action of ours what is left is what the library does by itself: help and version.
        if (parsed.Action is not null)
            return parsed.Invoke(new() { Output = output, Error = errors });

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        var options = commandLine.Read(parsed);
        try
        {
            var report = await Play(options, output, isTerminal, stop.Token);
            var files = await ReportFiles.Write(report, options.Report);
            output.WriteLine(Summary.Of(report, files));
            return report.Interrupted ? Interrupted
                : report.Held ? Held
                : Broken;
        }
        catch (LoadTestException e)
        {
            errors.WriteLine(e.Message);
            return CouldNotRun;
        }
        catch (OperationCanceledException)
        {
            errors.WriteLine("Interrupted before anybody had called.");
            return Interrupted;
        }
    }

    private static Task<RunReport> Play(
        LoadOptions options,
        TextWriter output,
        bool isTerminal,
        CancellationToken stop
    ) =>
        isTerminal
            ? AnsiConsole
                .Live(new Markup(""))
                .StartAsync(context => new LoadRun(options, new LiveView(context), TimeProvider.System).Run(stop))
            : new LoadRun(options, new PlainView(output), TimeProvider.System).Run(stop);

    // The first time in order, with a report; the second time as ever.
    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }
}
