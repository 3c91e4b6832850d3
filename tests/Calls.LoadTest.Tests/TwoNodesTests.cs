using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Calls.TestKit;

namespace Calls.LoadTest.Tests;

/// <summary>A run against two real nodes on one real Redis.</summary>
public sealed class TwoNodesTests : IAsyncLifetime
{
    private const int Calls = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("calls-load-tests-");
    private readonly HttpClient _http = new();
    private RedisServer? _redis;
    private HostProcess[] _nodes = [];

    [Fact]
    public async Task Each_calls_members_talk_to_different_nodes_and_hear_each_other()
    {
        var report = Path.Combine(_folder.FullName, "report");
        var (output, errors) = (new StringWriter(), new StringWriter());
        string[] args =
        [
            .. $"--calls {Calls} --size 2 --duration 8s --listen all --max-errors 0 --max-loss 50%".Split(' '),
            .. _nodes.SelectMany(node => new[] { "--url", node.Url.AbsoluteUri }),
            "--report",
            report,
        ];
        var run = LoadTestProgram.Run(args, output, errors, isTerminal: false);

        // One member of each call: whole calls by turns would be four and two.
        int[] seen = [];
        await Eventually.Holds(
            async () => run.IsCompleted || (seen = await Connections()).SequenceEqual([Calls, Calls]),
            () => $"connections at the nodes: {string.Join(", ", seen)}"
        );
        seen.ShouldBe([Calls, Calls], $"{output}{errors}");

        (await run).ShouldBe(LoadTestProgram.Held, $"{output}{errors}");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(report + ".json"));
        var totals = json.RootElement.GetProperty("totals");
        totals.GetProperty("joins").GetInt32().ShouldBe(2 * Calls);
        totals.GetProperty("tones_found").GetInt32().ShouldBe(2 * Calls);
        totals.GetProperty("wrong_sound").GetInt32().ShouldBe(0);
        json.RootElement.GetProperty("settings")
            .GetProperty("nodes")
            .EnumerateArray()
            .Select(node => node.GetString())
            .ShouldBe(_nodes.Select(node => node.Url.AbsoluteUri));
    }

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _nodes = await Task.WhenAll(Enumerable.Range(1, 2).Select(Start));
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _redis!.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<HostProcess> Start(int number) =>
        HostProcess.Start(
            new Dictionary<string, string>
            {
                ["CALLS__STORE"] = "redis",
                ["CALLS__REDIS__CONNECTION"] = _redis!.Connection,
                ["CALLS__NODE__ID"] = $"node-{number}",
                ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000",
            }
        );

    /// <summary>How many WebSockets each node has, in the order of their names.</summary>
    private async Task<int[]> Connections()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_nodes[0].Url, "/api/admin/nodes"));
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await _nodes[0].Token("operator", admin: true)
        );
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return
        [
            .. body.GetProperty("nodes")
                .EnumerateArray()
                .OrderBy(node => node.GetProperty("node_id").GetString(), StringComparer.Ordinal)
                .Select(node => node.GetProperty("connections").GetInt32()),
        ];
    }
}
