using System.Diagnostics;
using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>A process that appends to a folder as fast as it can, and says what was acknowledged, until it is killed.</summary>
internal static class AppendingProcess
{
    /// <summary>Journals that grow side by side.</summary>
    public const int Channels = 8;

    /// <summary>Small, so that a kill also strikes while a snapshot is made.</summary>
    public const int SegmentBytes = 64 << 10;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var folder, var round])
            return 1;
        var options = new EmbeddedOptions { Path = folder, SegmentBytes = SegmentBytes };
        await using var store = EmbeddedStore.Open(options, TimeProvider.System, new Random(), NullLogger.Instance);
        await Task.WhenAll(Enumerable.Range(0, Channels).Select(i => AppendForEver(store, $"{round}-{i}")));
        return 0;
    }

    /// <summary>Starts one, kills it when it has said <paramref name="lines"/> lines, and gives all that it said: <c>CHANNEL VERSION</c>.</summary>
    public static async Task<List<string>> RunAndKill(string folder, int round, int lines)
    {
        var assembly = typeof(AppendingProcess).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", ["exec", assembly, folder, $"{round}"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        List<string> said = [];
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (said.Count == lines)
                process.Kill();
        }
        await process.WaitForExitAsync();
        return said;
    }

    private static async Task AppendForEver(EmbeddedStore store, string name)
    {
        var last = Appends.Opening(new ChannelId(name), new CallId(name));
        var open = (await store.Append(last)).Open!;
        while (true)
        {
            Console.Out.Write($"{name} {open.Version}\n");
            last = Appends.Next(open, last);
            open = (await store.Append(last)).Open!;
        }
    }
}
