using System.Text.Json;
using Calls.LoadTest.Measure;
using Calls.LoadTest.Options;
using Calls.LoadTest.Plan;
using Calls.LoadTest.Run;
using Calls.LoadTest.View;
using Calls.TestKit;

namespace Calls.LoadTest.Tests;

/// <summary>Short runs against a real service.</summary>
public sealed class RunTests : IAsyncLifetime
{
    private const string Secret = "a secret of the chat app, long enough";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("calls-load-tests-");
    private HostProcess? _host;

    [Fact]
    public async Task Calls_are_heard_and_limits_that_hold_are_exit_code_0()
    {
        var (code, output, errors) = await Program(
            "--calls 3 --size 2..3 --rate 10/s --duration 4s --listen all --max-errors 0 --max-loss 50% --max-join 30s"
        );
        errors.ShouldBeEmpty();
        code.ShouldBe(LoadTestProgram.Held, output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Report + ".json"));
        var report = json.RootElement;
        report.GetProperty("interrupted").GetBoolean().ShouldBeFalse();
        report.GetProperty("limits").EnumerateArray().ShouldAllBe(limit => limit.GetProperty("held").GetBoolean());
        var users = report.GetProperty("settings").GetProperty("users").GetInt32();
        var totals = report.GetProperty("totals");
        totals.GetProperty("calls").GetInt32().ShouldBe(3);
        totals.GetProperty("rings").GetInt32().ShouldBe(users - 3);
        totals.GetProperty("joins").GetInt32().ShouldBe(users);
        totals.GetProperty("wrong_sound").GetInt32().ShouldBe(0);
        totals.GetProperty("packets_heard").GetInt64().ShouldBeGreaterThan(users);

        // Everybody hears everybody else in their call, and by their own tone.
        foreach (var call in report.GetProperty("calls").EnumerateArray())
        {
            var members = call.GetProperty("members").GetInt32();
            call.GetProperty("tones_found").GetInt32().ShouldBe(members * (members - 1));
            call.GetProperty("heard").GetInt64().ShouldBeGreaterThan(0);
            call.GetProperty("delay_p50_ms").GetDouble().ShouldBeGreaterThan(0);
            call.GetProperty("ended_at").GetDouble().ShouldBeGreaterThan(call.GetProperty("started_at").GetDouble());
        }

        (await File.ReadAllTextAsync(Report + ".html")).ShouldContain("Limits: held");
    }

    [Fact]
    public async Task A_limit_that_cannot_be_kept_is_exit_code_1()
    {
        var (code, output, _) = await Program("--calls 1 --duration 2s --profile cm80 --max-join 0.001ms");
        code.ShouldBe(LoadTestProgram.Broken, output);
        output.ShouldContain("BROKEN      --max-join");
        (await File.ReadAllTextAsync(Report + ".html")).ShouldContain("Limits: broken");
    }

    [Fact]
    public async Task What_is_lost_on_purpose_is_asked_for_again_and_counted()
    {
        var (code, output, errors) = await Program(
            "--calls 2 --duration 6s --lose 10% --retransmission --max-loss 10% --max-errors 0"
        );
        code.ShouldBe(LoadTestProgram.Held, output + errors);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Report + ".json"));
        var totals = json.RootElement.GetProperty("totals");
        var recovered = totals.GetProperty("packets_recovered").GetInt64();
        recovered.ShouldBeGreaterThan(10, output);
        totals.GetProperty("packets_lost").GetInt64().ShouldBeLessThan(recovered, output);
        output.ShouldContain($"recovered   {recovered} packets");
    }

    [Fact]
    public async Task Rings_only_are_rung_and_ended_and_leave_no_media_to_limit()
    {
        var (code, output, _) = await Program(
            "--calls 2 --size 3 --duration 6s --pattern ring-only --max-errors 0 --max-loss 1%"
        );
        code.ShouldBe(LoadTestProgram.Broken, output);
        output.ShouldContain("held        --max-errors 0: 0");
        output.ShouldContain("BROKEN      --max-loss 1 %: no packet came");
    }

    [Fact]
    public async Task People_come_and_go_with_tokens_that_are_signed_here()
    {
        var (code, output, errors) = await Program(
            $"--calls 1 --size 3 --duration 14s --pattern churn --max-errors 0 --token-key file:{KeyFile()}"
        );
        code.ShouldBe(LoadTestProgram.Held, output + errors);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Report + ".json"));
        var totals = json.RootElement.GetProperty("totals");

        // In each call three join, and the one who leaves joins again.
        totals.GetProperty("joins").GetInt32().ShouldBe(4 * totals.GetProperty("calls").GetInt32());
    }

    [Fact]
    public async Task Where_no_service_is_or_none_that_takes_our_tokens_it_could_not_run()
    {
        var (code, _, errors) = await Program("--calls 1", $"http://127.0.0.1:{Ports.FreeTcp()}");
        code.ShouldBe(LoadTestProgram.CouldNotRun);
        errors.ShouldContain("cannot be reached");

        (code, _, errors) = await Program("--calls 1 --token-key another-secret-that-is-long-enough-too");
        code.ShouldBe(LoadTestProgram.CouldNotRun);
        errors.ShouldContain("401");

        (code, _, errors) = await Program("--calls 1 --token-key file:/nowhere/at/all");
        code.ShouldBe(LoadTestProgram.CouldNotRun);
        errors.ShouldContain("/nowhere/at/all");
    }

    [Fact]
    public async Task Without_an_address_it_calls_a_service_of_its_own_and_when_interrupted_ends_in_order()
    {
        using var stop = new CancellationTokenSource();
        var view = new StoppingView(stop);
        var options = new LoadOptions { Calls = 2, Duration = TimeSpan.FromHours(1) };
        var report = await new LoadRun(options, view, TimeProvider.System).Run(stop.Token);
        report.Interrupted.ShouldBeTrue();
        report.Settings.OwnService.ShouldBeTrue();
        report.Totals.Joins.ShouldBe(4);
        report.Errors.ShouldBeEmpty();
        report.Calls.ShouldAllBe(call => call.EndedAt != null);
        report.Samples.ShouldContain(sample => sample.ServiceMib > 0);
    }

    public async Task InitializeAsync() =>
        _host = await HostProcess.Start(
            new Dictionary<string, string>
            {
                ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000",
                ["CALLS__AUTH__KEYS__0"] = Secret,
            }
        );

    public async Task DisposeAsync()
    {
        await _host!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string Report => Path.Combine(_folder.FullName, "report");

    private string KeyFile()
    {
        var file = Path.Combine(_folder.FullName, "key");
        File.WriteAllText(file, Secret + "\n");
        return file;
    }

    private async Task<(int Code, string Output, string Errors)> Program(string line, string? url = null)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        string[] args = [.. line.Split(' '), "--url", url ?? _host!.Url.AbsoluteUri, "--report", Report];
        var code = await LoadTestProgram.Run(args, output, errors, isTerminal: false);
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>Interrupts when everybody has media.</summary>
    private sealed class StoppingView(CancellationTokenSource stop) : IRunView
    {
        public void Say(string what) { }

        public void Begin(LoadPlan plan) { }

        public void Show(Sample sample, RunMeter meter)
        {
            if (sample.Talking == 4)
            {
                stop.Cancel();
            }
        }
    }
}
