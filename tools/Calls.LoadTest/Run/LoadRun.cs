using Calls.Caller;
using Calls.Caller.Opus;
using Calls.LoadTest.Measure;
using Calls.LoadTest.Options;
using Calls.LoadTest.Plan;
using Calls.LoadTest.Report;
using Calls.LoadTest.View;

namespace Calls.LoadTest.Run;

/// <summary>A run from the first sign-in to the report.</summary>
internal sealed class LoadRun(LoadOptions options, IRunView view, TimeProvider clock)
{
    /// <summary>Conversations that are made or taken apart at the same time; more would only wait for each other.</summary>
    private const int AtOnce = 16;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly LoadPlan _plan = LoadPlan.Create(options);
    private readonly RunMeter _meter = new();

    /// <summary>Runs it.</summary>
    /// <param name="stop">Ends it early, in order, with a report.</param>
    /// <exception cref="LoadTestException">It cannot be.</exception>
    public async Task<RunReport> Run(CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(15) };
        using var loop = new CallerLoop();
        await using var own = options.Urls.Count == 0 ? await StartService(http, stop) : null;
        var nodes = own is null ? options.Urls : [own.Url];
        var tokens = new TokenSource(options, nodes[0], http, clock);
        var backend = new Backend(nodes[0], tokens, http);
        await backend.Check();

        var run = clock
            .GetUtcNow()
            .ToUnixTimeMilliseconds()
            .ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        var stage = new Stage(new Cast(options, _plan.Sizes, run, loop), tokens, nodes, stop);
        var conversations = await Gather(stage, backend, stop);
        try
        {
            view.Say("Warming up with a call that is not counted.");
            await conversations[0].Run([LoadPlan.WarmUp(_plan.Sizes[0], stage.Elapsed)]);
            await loop.TakeTally();
            var startedAt = clock.GetUtcNow();
            stage.Begin(_meter);
            await using var sampler = new Sampler(_meter, loop, own?.ProcessId);
            await Play(stage, conversations, sampler);
            return RunReport.Create(
                options,
                _plan,
                _meter,
                sampler,
                new RunFacts(startedAt, stage.Elapsed, stage.IsStopping, nodes, own is not null, stage.Cast.Users)
            );
        }
        finally
        {
            await TakeApart(stage, backend, conversations, remove: own is null);
        }
    }

    private async Task<OwnService> StartService(HttpClient http, CancellationToken stop)
    {
        view.Say("Starting a service of its own from the build.");
        return await OwnService.Start(http, stop);
    }

    private async Task<Conversation[]> Gather(Stage stage, Backend backend, CancellationToken stop)
    {
        view.Say($"Making {options.Calls} channels and signing {stage.Cast.Users} users in.");
        var conversations = new Conversation[options.Calls];
        try
        {
            await Parallel.ForAsync(
                0,
                options.Calls,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
                async (n, _) => conversations[n] = await Conversation.Gather(stage, backend, n, _plan.Sizes[n])
            );
            return conversations;
        }
        catch (Exception e)
            when (e is HttpRequestException or System.Net.WebSockets.WebSocketException or TimeoutException)
        {
            await TakeApart(stage, backend, conversations, remove: true);
            throw new LoadTestException($"Not everybody could be signed in: {e.Message}", e);
        }
        catch (OpusMissingException e)
        {
            throw new LoadTestException(e.Message, e);
        }
    }

    private async Task Play(Stage stage, Conversation[] conversations, Sampler sampler)
    {
        view.Begin(_plan);
        var calls = _plan.Calls.ToLookup(call => call.Conversation);
        var playing = Task.WhenAll(conversations.Select((conversation, n) => conversation.Run(calls[n])));
        for (var second = 1; !playing.IsCompleted; second++)
        {
            var next = (second * Second) - stage.Elapsed;
            if (next > TimeSpan.Zero)
                await Task.WhenAny(playing, Task.Delay(next, clock));
            view.Show(await sampler.Take(stage.Elapsed), _meter);
        }
        await playing;
    }

    private async Task TakeApart(Stage stage, Backend backend, Conversation?[] conversations, bool remove)
    {
        view.Say("Signing everybody out.");
        await Parallel.ForAsync(
            0,
            conversations.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (n, _) =>
            {
                if (conversations[n] is not { } conversation)
                    return;
                await conversation.DisposeAsync();
                if (remove)
                    await backend.RemoveChannel(stage.Cast.Channel(n));
            }
        );
    }
}
