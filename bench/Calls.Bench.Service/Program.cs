using System.Globalization;
using Calls.Bench.Results;
using Calls.Bench.Service;

// What the service does for its users, measured on a real server process over loopback WebSockets.
if (args is [BareServer.Verb, var folder, var port])
{
    await BareServer.Run(folder, int.Parse(port, CultureInfo.InvariantCulture));
    return;
}

(string Name, Func<Task<Table>> Run)[] benches =
[
    ("ring", () => RingBench.Run("embedded")),
    ("calls", CallsBench.Run),
    ("memory", MemoryBench.Run),
];
List<Table> tables = [];
foreach (var (name, run) in benches)
{
    if (args.Length > 0 && !args.Contains(name))
        continue;
    tables.Add(await run());
    Console.WriteLine(tables[^1]);
}

// A part alone is for looking; what is kept is of one run.
if (args.Length == 0)
{
    ResultsFile.Write(
        "Rings, calls and connections",
        """
        "Bare" is a WebSocket server that appends one event to the same journal and tells as many connections, and does
        nothing else.
        """,
        tables
    );
}
