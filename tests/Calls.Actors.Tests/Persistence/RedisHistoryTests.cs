using System.Globalization;
using Calls.Actors.Persistence;
using Calls.Actors.Redis;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What a real server holds of users and of what is over, and for how long.</summary>
public sealed class RedisHistoryTests : IAsyncLifetime
{
    private static readonly ChannelId Channel = new("dm-alice-bob");
    private static readonly CallId Call = new("call-1");
    private static readonly UserId Alice = new("alice");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private RedisServer _server = null!;

    public async Task InitializeAsync() => _server = await RedisServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task The_keys_are_those_of_the_design_and_no_history_lives_for_ever()
    {
        await using var store = await OpenStore(new StoreOptions());
        await PutOneOfEach(store, Call, DateTimeOffset.UtcNow);

        (await Keys()).ShouldBe([
            "{c9}:call:call-1",
            "{c9}:history:dm-alice-bob",
            "{c9}:history_payloads:dm-alice-bob",
            "{c9}:starts:dm-alice-bob",
            "{c9}:unsettled",
            "{u999}:call_records:alice",
            "{u999}:calls:alice",
            "{u999}:missed:alice",
            "{u999}:starts_at:alice",
            "{u999}:starts_by:alice",
            "{u999}:unseen:alice",
            "{u999}:user:alice",
        ]);
        foreach (var key in await Keys())
            switch (key)
            {
                case "{c9}:unsettled" or "{u999}:user:alice":
                    (await TimeToLive(key)).ShouldBeNull(key);
                    break;
                case var starts when starts.Contains(":starts", StringComparison.Ordinal):
                    (await TimeToLive(key)).ShouldNotBeNull(key).ShouldBeInRange(TimeSpan.FromSeconds(1), Minute);
                    break;
                case "{c9}:call:call-1":
                    (await TimeToLive(key)).ShouldNotBeNull(key).ShouldBeInRange(Minute, TimeSpan.FromHours(24));
                    break;
                default:
                    (await TimeToLive(key))
                        .ShouldNotBeNull(key)
                        .ShouldBeInRange(TimeSpan.FromDays(89), TimeSpan.FromDays(90));
                    break;
            }
        (await _server.Command("HKEYS", "{u999}:user:alice")).ShouldContain("dismissed:dm-alice-bob");
        (await _server.Command("SMEMBERS", "{c9}:unsettled")).ShouldContain("dm-alice-bob/call-1");
    }

    [Fact]
    public async Task What_is_over_leaves_no_key_behind()
    {
        var brief = TimeSpan.FromSeconds(1);
        await using var store = await OpenStore(new StoreOptions { HistoryRetention = brief, EndedRetention = brief });
        await PutOneOfEach(store, Call, DateTimeOffset.UtcNow, window: brief);

        await store.Settle(Channel, Call);
        await store.RemoveLive(Channel, [Alice]);

        await Eventually.Holds(async () => (await Keys()).Count == 1, "all but the settings have expired");
        (await Keys()).ShouldBe(["{u999}:user:alice"]);
        (await _server.Command("HKEYS", "{u999}:user:alice")).ShouldStartWith("*1\r\n$8\r\nsettings");
    }

    [Fact]
    public async Task What_is_too_much_or_too_old_is_taken_out_of_every_key()
    {
        var options = new StoreOptions { HistoryPerUser = 5, HistoryPerChannel = 5 };
        await using var store = await OpenStore(options);
        var now = DateTimeOffset.UtcNow;
        for (var i = 0; i < 20; i++)
            await PutOneOfEach(store, new CallId($"call-{i}"), now.AddDays(i - 60));
        await ShouldHold(5);

        // One call more under a shorter retention, and all but the newest are over.
        var shorter = options with
        {
            HistoryRetention = TimeSpan.FromDays(30),
        };
        await using var forgetful = await OpenStore(shorter);
        await PutOneOfEach(forgetful, new CallId("later"), now.AddDays(1));
        await ShouldHold(1);
    }

    [Fact]
    public async Task Scripts_that_the_server_forgot_are_sent_again()
    {
        await using var store = await OpenStore(new StoreOptions());
        await PutOneOfEach(store, Call, DateTimeOffset.UtcNow);

        (await _server.Command("SCRIPT", "FLUSH")).ShouldStartWith("+OK");
        await PutOneOfEach(store, new CallId("call-2"), DateTimeOffset.UtcNow);

        (await store.ListHistory(Channel, null, 10)).Count.ShouldBe(2);
        (await store.ListUserCalls(Alice, UserCallFilter.Unseen, null, 10)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task All_of_it_survives_kill_9()
    {
        await using var store = await OpenStore(new StoreOptions());
        var now = DateTimeOffset.UtcNow;
        await PutOneOfEach(store, Call, now);

        _server.Kill();
        await _server.Start();
        await Eventually.Holds(async () => await store.IsHealthy(), "recovers");

        (await store.FindHistory(Channel, Call)).ShouldNotBeNull().Payload.ShouldBe([1, 2]);
        (await store.ListUnsettled()).ShouldBe([new UnsettledCall(Channel, Call)]);
        (await store.GetSettings(Alice)).Notifications.ShouldBe(Notifications.Quiet);
        (await store.GetDismissals(Channel, [Alice])).ShouldHaveSingleItem();
        (await store.MarkSeen(Alice, [])).ShouldBe(1);
        (
            await store.TakeStart(new StartCounter(StartCounterKind.User, "alice"), "another", 1, Minute)
        ).ShouldNotBeNull();
    }

    [Fact]
    public async Task Starts_that_a_clock_has_put_into_the_future_keep_nobody_waiting()
    {
        await using var store = await OpenStore(new StoreOptions());
        var inAnHour = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds() * 1000;
        await _server.Command("ZADD", "{u999}:starts_by:alice", $"{inAnHour}", "before-the-clock-was-set-back");

        (await store.TakeStart(new StartCounter(StartCounterKind.User, "alice"), "s", 1, Minute)).ShouldBeNull();
    }

    private static async Task PutOneOfEach(RedisStore store, CallId call, DateTimeOffset at, TimeSpan? window = null)
    {
        var closed = await store.Append(
            Appends.Opening(Channel, call) with
            {
                Closes = true,
                History = new HistoryEntry(call, at, [1, 2]),
            }
        );
        closed.Outcome.ShouldBe(AppendOutcome.Ok);
        await store.PutUserCall(
            Alice,
            new UserCall(call, Channel, new UserId("bob"), "Bob", CallMedia.Audio, at, MissedMark.Unseen)
        );
        await store.PutSettings(Alice, new CallSettings(Notifications.Quiet, []));
        await store.PutDismissal(Alice, new Dismissal(Channel, call, at));
        foreach (var kind in Enum.GetValues<StartCounterKind>())
        {
            var id = kind == StartCounterKind.Channel ? Channel.Value : Alice.Value;
            await store.TakeStart(new StartCounter(kind, id), "s", 1, window ?? Minute);
        }
    }

    private async Task ShouldHold(int calls)
    {
        foreach (var set in new[] { "calls", "missed", "unseen" })
            (await Members("ZCARD", $"{{u999}}:{set}:alice")).ShouldBe(calls, set);
        (await Members("HLEN", "{u999}:call_records:alice")).ShouldBe(calls);
        (await Members("ZCARD", "{c9}:history:dm-alice-bob")).ShouldBe(calls);
        (await Members("HLEN", "{c9}:history_payloads:dm-alice-bob")).ShouldBe(calls);
    }

    private async Task<long> Members(string command, string key) =>
        long.Parse((await _server.Command(command, key)).Split("\r\n")[0].TrimStart(':'), CultureInfo.InvariantCulture);

    private async Task<TimeSpan?> TimeToLive(string key) =>
        await Members("PTTL", key) is >= 0 and var milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private async Task<List<string>> Keys() =>
        [
            .. (await _server.Command("KEYS", "*"))
                .Split("\r\n")
                .Where(k => k.StartsWith('{'))
                .Order(StringComparer.Ordinal),
        ];

    private async Task<RedisStore> OpenStore(StoreOptions options) =>
        await RedisStore.Open(
            new RedisOptions
            {
                Connection = _server.Connection,
                Deadline = TimeSpan.FromSeconds(30),
                PingInterval = TimeSpan.FromMilliseconds(100),
                Store = options,
            },
            TimeProvider.System,
            new Random(1),
            NullLogger.Instance
        );
}
