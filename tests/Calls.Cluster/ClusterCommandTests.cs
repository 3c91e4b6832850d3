using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Calls.Caller;

namespace Calls.Cluster;

/// <summary><c>./build.sh cluster</c>, as a person uses it: call through the front, kill a node, and go on.</summary>
public sealed class ClusterCommandTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new() { Timeout = Eventually.Deadline };

    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("calls-cluster-").FullName;
    private readonly int _port = FreePorts();
    private Process? _command;

    private Uri Front => new($"http://127.0.0.1:{_port}");

    public async Task InitializeAsync()
    {
        var start = new ProcessStartInfo("bash", [Script, "--nodes", "3", "--port", $"{_port}", "--folder", _folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["CALLS_MEDIA_PORT"] = "0";
        start.Environment["CALLS__MEDIA__ADDRESSES"] = "127.0.0.1";
        _command = Process.Start(start)!;
        _command.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _command.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _command.BeginOutputReadLine();
        _command.BeginErrorReadLine();
        await Eventually.Holds(
            () => Task.FromResult(_output.Any(line => line.StartsWith("See the nodes", StringComparison.Ordinal))),
            () => $"the cluster is there: {string.Join('\n', _output)}"
        );
        await Eventually.Holds(IsReady, () => "the front knows a node that is ready");
    }

    public async Task DisposeAsync()
    {
        using (_command)
        {
            Process.Start("kill", ["-TERM", $"{_command!.Id}"]).WaitForExit();
            await _command.WaitForExitAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_call_by_the_front_outlives_the_node_that_runs_it()
    {
        await using var alice = await SignIn("alice", 500);
        await using var bob = await SignIn("bob", 900);
        await alice.Start("dm-alice-bob");
        await bob.Join("dm-alice-bob");
        await bob.HearsTone("alice", 500);
        string? home = null;
        await Eventually.Holds(
            async () =>
                (
                    home = (await Nodes()).SingleOrDefault(HasCall) is { ValueKind: JsonValueKind.Object } node
                        ? node.Text("node_id")
                        : null
                )
                    is not null,
            () => "a node says that it runs the call"
        );

        Process.Start("kill", ["-9", PidOf(home!)]).WaitForExit();

        foreach (var one in new[] { alice, bob })
        {
            one.LoseConnection();
            await Eventually.Holds(() => Returns(one), () => "the front leads to a living node");
        }
        await bob.HearsTone("alice", 500, Eventually.Deadline);
        await alice.HearsTone("bob", 900, Eventually.Deadline);
        (await bob.Sees("dm-alice-bob")).Version().ShouldBe(2, "nothing has happened to the call");
        (await Nodes()).Select(n => n.Text("node_id")).ShouldNotContain(home);
    }

    private static bool HasCall(JsonElement node) => node.GetProperty("calls").GetInt32() == 1;

    private static async Task<bool> Returns(CallsCaller caller)
    {
        try
        {
            await caller.Reconnect();
            return true;
        }
        catch (Exception e) when (e is WebSocketException or TimeoutException)
        {
            return false; // the front has not noticed yet
        }
    }

    private static string Script => Path.Combine(Root, "deploy", "cluster.sh");

    /// <summary>The folder of the repository: artifacts/bin/PROJECT/CONFIGURATION lies four below it.</summary>
    private static string Root => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>The first of as many free ports in a row as the command takes.</summary>
    private static int FreePorts()
    {
        for (var (first, last) = (Ports.FreeTcp(), 0); ; first = last)
        {
            last = first;
            while (last < first + 10 && Ports.FreeTcp() == last + 1)
                last++;
            if (last == first + 10)
                return first;
            last = Ports.FreeTcp();
        }
    }

    private string PidOf(string node) =>
        _output.Single(line => line.StartsWith($"{node} ", StringComparison.Ordinal)).Split("pid ")[1];

    private async Task<bool> IsReady()
    {
        using var answer = await Http.GetAsync(new Uri(Front, "/readyz"));
        return answer.IsSuccessStatusCode;
    }

    private async Task<CallsCaller> SignIn(string user, double tone) =>
        await CallsCaller.Connect(
            Front,
            await Token(user),
            "phone",
            new CallerOptions { Tone = tone, Deadline = Eventually.Deadline }
        );

    private async Task<string> Token(string user, bool admin = false)
    {
        using var answer = await Http.PostAsJsonAsync(new Uri(Front, "/dev/token"), new { user_id = user, admin });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).Text("token")!;
    }

    private async Task<JsonElement[]> Nodes()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Front, "/api/admin/nodes"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Token("ops", admin: true));
        using var answer = await Http.SendAsync(request);
        return [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("nodes").EnumerateArray()];
    }
}
