using Calls.Bench.Media;
using Calls.Bench.Media.Measure;
using Calls.Bench.Media.Report;
using Calls.Bench.Results;

// What forwarding costs the service, beside the same in C, on a core of its own. Run on the generator's core:
// build.sh does that.
var options = BenchOptions.Read(args);
var bench = new Comparison(new Cores(Server: 0, Generator: 1), options.Systems, options.Rounds, options.Length);
List<Table> tables = [];
List<(Workload, Dictionary<SystemUnderTest, List<Round>>)> nominal = [];
foreach (var work in options.Nominal)
    nominal.Add((work, await bench.Nominal(work)));
if (nominal.Count > 0)
    tables.Add(ForwardingReport.Nominal(nominal));
if (options.Saturated is { } saturated)
    tables.Add(ForwardingReport.Saturated(saturated, await bench.Saturated(saturated)));
if (options.Burst is { } burst)
    tables.Add(ForwardingReport.Burst(burst, await bench.Burst(burst)));
tables.ForEach(Console.WriteLine);
if (options.Keeps)
    ResultsFile.Write(ForwardingReport.Part, ForwardingReport.Introduction, tables);
