using System.Diagnostics;
using Calls.Actors.Persistence;
using Calls.Actors.Redis;
using Calls.Protocol;
using Calls.TestKit;

namespace Calls.Actors.Tests.Persistence;

/// <summary>A Redis that dies, freezes, forgets, or is not there.</summary>
public sealed class RedisFaultTests : IAsyncLifetime
{
    private static readonly RedisOptions Quick = new()
    {
        Deadline = TimeSpan.FromSeconds(1),
        PingInterval = TimeSpan.FromMilliseconds(100),
        RebuildAfter = TimeSpan.FromMilliseconds(500),
    };

    private readonly LogLines _log = new();
    private RedisServer _server = null!;

    public async Task InitializeAsync() => _server = await RedisServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task What_was_acknowledged_is_there_after_kill_9_and_the_store_recovers_by_itself()
    {
        await using var store = await OpenStore();
        using var enough = new CancellationTokenSource();
        var appenders = Enumerable.Range(0, 8).Select(i => AppendUntil(store, $"dm-{i}", enough.Token)).ToList();

        for (var round = 0; round < 3; round++)
        {
            var before = store.ConnectionEpoch;
            await Task.Delay(200); // lets some appends happen; how many does not matter
            _server.Kill();
            await _server.Start();
            await Recovers(store);
            await Eventually.Holds(() => Task.FromResult(store.ConnectionEpoch > before), "the connection is another");
        }
        await enough.CancelAsync();

        foreach (var (channel, acknowledged) in await Task.WhenAll(appenders))
        {
            acknowledged.Count.ShouldBeGreaterThan(0);
            var kept = await store.Read(channel, new CallId(channel.Value));
            kept.Select(e => e.Version).ShouldBe(Enumerable.Range(1, kept.Count).Select(v => (long)v));
            kept.Select(e => (e.Version, e.Tag)).ToHashSet().IsSupersetOf(acknowledged).ShouldBeTrue($"{channel}");
        }
    }

    [Fact]
    public async Task A_frozen_server_fails_calls_by_their_deadline_and_is_used_again_when_it_goes_on()
    {
        await using var store = await OpenStore();
        var opening = Appends.Opening(new ChannelId("dm"), new CallId("call"));
        var open = (await store.Append(opening)).Open!;
        _server.Freeze();

        var began = Stopwatch.GetTimestamp();
        var calls = Enumerable.Range(0, 20).Select(_ => store.Append(Appends.Next(open, opening)).AsTask()).ToList();
        foreach (var call in calls)
            await Should.ThrowAsync<StoreUnavailableException>(() => call);
        (await store.IsHealthy()).ShouldBeFalse();
        // A generous bound on "does not hang": each had a second.
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(20));

        await Eventually.Holds(
            () => Task.FromResult(_log.Lines.Any(l => l.Contains("no sign of life"))),
            "the watchdog gives the connection up"
        );
        _server.Thaw();
        await Recovers(store);
        // Whether one of the twenty came true after all is open, but more than one cannot have. The watchdog may be
        // about to replace the connection once more.
        var (kept, version) = (0, 0L);
        await Eventually.Holds(
            async () =>
            {
                try
                {
                    kept = (await store.Read(opening.Channel, opening.Call)).Count;
                    version = (await store.FindOpen(opening.Channel))!.Version;
                    return true;
                }
                catch (StoreUnavailableException)
                {
                    return false;
                }
            },
            "the journal is read"
        );
        kept.ShouldBeInRange(1, 2);
        version.ShouldBe(kept);
    }

    [Fact]
    public async Task Scripts_that_the_server_forgot_are_sent_again()
    {
        await using var store = await OpenStore();
        var opening = Appends.Opening(new ChannelId("dm"), new CallId("call"));
        var open = (await store.Append(opening)).Open!;

        (await _server.Command("SCRIPT", "FLUSH")).ShouldStartWith("+OK");

        (await store.Append(Appends.Next(open, opening))).Outcome.ShouldBe(AppendOutcome.Ok);
        (await store.Claim(opening.Channel, "node-2")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_server_that_is_not_there_yet_is_waited_for()
    {
        _server.Kill();
        await using var store = await OpenStore();
        await Should.ThrowAsync<StoreUnavailableException>(async () => await store.ListOpen());
        (await store.IsHealthy()).ShouldBeFalse();

        await _server.Start();

        await Recovers(store);
    }

    [Fact]
    public async Task Errors_of_the_server_are_the_stores_not_being_available()
    {
        await using var store = await OpenStore();
        await _server.Command("CONFIG", "SET", "maxmemory", "1");

        await Should.ThrowAsync<StoreUnavailableException>(async () =>
            await store.Append(Appends.Opening(new ChannelId("dm"), new CallId("call")))
        );

        await _server.Command("CONFIG", "SET", "maxmemory", "0");
        (await store.FindOpen(new ChannelId("dm"))).ShouldBeNull();
    }

    [Theory]
    [InlineData("--appendonly yes --appendfsync everysec", "appendfsync everysec")]
    [InlineData("--appendonly no", "appendonly off")]
    public async Task A_server_that_may_lose_what_it_acknowledged_is_warned_about(string arguments, string warning)
    {
        await using var server = await RedisServer.Start(arguments.Split(' '));
        var options = Quick with { Connection = server.Connection };
        await using var store = await RedisStore.Open(options, TimeProvider.System, new Random(1), _log);

        await Eventually.Holds(() => Task.FromResult(_log.Lines.Any(IsWarning)), "warned");

        bool IsWarning(string line) => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(warning);
    }

    [Fact]
    public async Task A_server_that_keeps_what_it_acknowledged_is_not_warned_about()
    {
        await using var store = await OpenStore();
        await Eventually.Holds(() => Task.FromResult(_log.Lines.Any(l => l.Contains("keeps what"))), "checked");
        _log.Lines.ShouldNotContain(l => l.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_keys_are_those_of_the_design_and_what_is_over_expires()
    {
        await using var store = await OpenStore();
        var (channel, call) = (new ChannelId("dm-alice-bob"), new CallId("call-1"));
        var (alice, command) = (new UserId("alice"), new CommandId("c1"));
        await store.PutChannel(new Channel(channel, ChannelKind.Group, []));
        var opening = Appends.Opening(channel, call) with { Outcome = new CommandOutcome(alice, command, [1]) };
        var open = (await store.Append(opening)).Open!;
        await store.SwapCurrentCall(alice, null, new CurrentCall(channel, call, new SessionId("s"), null));
        await store.AddLive(channel, [alice]);

        var keys = (await _server.Command("KEYS", "*")).Split("\r\n").Where(k => k.StartsWith('{')).Order();
        keys.ShouldBe([
            "{c9}:call:call-1",
            "{c9}:channel:dm-alice-bob",
            "{c9}:cmd:dm-alice-bob/alice/c1",
            "{c9}:open",
            "{u999}:user:alice",
        ]);
        (await _server.Command("TTL", "{c9}:call:call-1")).ShouldStartWith(
            ":-1",
            customMessage: "a live call's journal never expires"
        );
        (await _server.Command("PTTL", "{c9}:cmd:dm-alice-bob/alice/c1")).ShouldNotStartWith(":-");

        await store.Append(Appends.Next(open, opening) with { Closes = true });

        (await _server.Command("PTTL", "{c9}:call:call-1")).ShouldNotStartWith(":-");
        (await _server.Command("EXISTS", "{c9}:open")).ShouldStartWith(":0");
    }

    private async Task<RedisStore> OpenStore() =>
        await RedisStore.Open(Quick with { Connection = _server.Connection }, TimeProvider.System, new Random(), _log);

    private static Task Recovers(RedisStore store) => Eventually.Holds(async () => await store.IsHealthy(), "recovers");

    /// <summary>Appends as a home does: after a failure it reads again, and goes on from what is there.</summary>
    private static async Task<(ChannelId, HashSet<(long, string)>)> AppendUntil(
        RedisStore store,
        string name,
        CancellationToken enough
    )
    {
        var (channel, call) = (new ChannelId(name), new CallId(name));
        HashSet<(long, string)> acknowledged = [];
        while (!enough.IsCancellationRequested)
        {
            try
            {
                var open = await store.FindOpen(channel);
                var journal = await store.Read(channel, call);
                var request = open is null
                    ? Appends.Opening(channel, call)
                    : Appends.Next(open, Appends.Opening(channel, call) with { Entries = journal });
                var result = await store.Append(request);
                // An append that failed may come true late, and then this one is a conflict.
                if (result.Outcome == AppendOutcome.Ok)
                    acknowledged.Add((request.Entries[^1].Version, request.Entries[^1].Tag));
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(10, CancellationToken.None);
            }
        }
        return (channel, acknowledged);
    }
}
