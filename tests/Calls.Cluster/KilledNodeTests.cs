using System.Text.Json;
using System.Text.Json.Nodes;
using Calls.Caller;
using Calls.Caller.Signalling;

namespace Calls.Cluster;

/// <summary>A node that is killed with -9 and started again, on each store: rings and calls go on, and nothing acknowledged is lost.</summary>
public abstract class KilledNodeTests(bool onRedis) : IAsyncLifetime
{
    private static readonly TimeSpan RingTimeout = TimeSpan.FromSeconds(10);

    private readonly List<CallsCaller> _callers = [];
    private TestStore _store = null!;
    private HostProcess _node = null!;
    private ContractTraffic _traffic = null!;

    public async Task InitializeAsync()
    {
        _store = await TestStore.Start(onRedis);
        _node = await HostProcess.Start(
            new Dictionary<string, string>(_store.Settings)
            {
                ["CALLS__POLICY__RING_TIMEOUT"] = $"{RingTimeout.TotalSeconds}s",
                ["CALLS__POLICY__STARTS_PER_MINUTE"] = "1000",
            }
        );
        _traffic = await ContractTraffic.Of(_node.Url);
    }

    public async Task DisposeAsync()
    {
        foreach (var caller in _callers)
            await caller.DisposeAsync();
        await _node.DisposeAsync();
        await _store.DisposeAsync();
        _traffic.ShouldKeepTheContract();
    }

    [Fact]
    public async Task A_ring_goes_on_to_its_deadline_and_ends_with_no_answer()
    {
        var (alice, bob) = (await SignIn("alice"), await SignIn("bob"));
        await alice.Start("dm-alice-bob");
        var ring = await bob.Hears("incoming_call");

        await _node.KillAndRestart();
        await Return(alice, bob);

        var call = bob.Ready.Body.GetProperty("calls").EnumerateArray().Single();
        call.GetProperty("call_id").GetString().ShouldBe(ring["call_id"]);
        call.GetProperty("ringing").GetBoolean().ShouldBeTrue();
        call.GetProperty("expires_at").GetString().ShouldBe(ring["expires_at"]);
        var ended = await bob.Hears("call_ended", deadline: Eventually.Deadline);
        ended["reason"].ShouldBe("no_answer");
        ended["duration_secs"].ShouldBeNull();
        var late = DateTimeOffset.Parse(ended["ended_at"]!) - DateTimeOffset.Parse(ring["expires_at"]!);
        late.ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
        (await alice.Hears("call_ended"))["reason"].ShouldBe("no_answer");
    }

    [Fact]
    public async Task The_members_of_an_active_call_come_back_and_are_heard_again()
    {
        var (alice, bob) = (await SignIn("alice", 500), await SignIn("bob", 900));
        await alice.Start("dm-alice-bob");
        await bob.Hears("incoming_call");
        await bob.Join("dm-alice-bob");
        await bob.HearsTone("alice", 500);
        await alice.HearsTone("bob", 900);

        await _node.KillAndRestart();
        // Other tones than before: what is heard now was spoken after the kill.
        alice.Media.Say(700);
        bob.Media.Say(1100);
        await Return(alice, bob);

        await bob.HearsTone("alice", 700, Eventually.Deadline);
        await alice.HearsTone("bob", 1100, Eventually.Deadline);
        var call = await alice.Get("dm-alice-bob");
        call.GetProperty("call").GetProperty("version").GetInt64().ShouldBe(2, "nothing has happened to the call");
        await bob.Leave("dm-alice-bob");
        (await alice.Hears("call_ended"))["reason"].ShouldBe("last_left");
    }

    [Fact]
    public async Task No_acknowledged_event_is_lost_and_a_repeated_command_takes_effect_once()
    {
        var (alice, bob) = (await SignIn("alice"), await SignIn("bob"));
        await alice.Start("group-demo", commandId: "start");
        await bob.Join("group-demo");
        var acknowledged = 2L;
        var muted = false;
        for (var kill = 0; kill < 3; kill++)
        {
            // Commands one after another, as fast as they are answered, until the node dies under them.
            var killing = Task.Run(async () =>
            {
                await Eventually.Holds(
                    () => Task.FromResult(Volatile.Read(ref acknowledged) > 50 * (kill + 1)),
                    () => "50 commands"
                );
                await _node.Kill();
            });
            var number = 0;
            string last;
            do
            {
                last = $"voice-{kill}-{++number}";
                muted = !muted;
                var answer = await Try(() => alice.Request("voice_state", Fields(last, muted)));
                if (answer is null)
                    break;
                Volatile.Write(ref acknowledged, VersionOf(answer.Value));
            } while (true);
            await killing;
            await _node.Launch();
            await Return(alice, bob);

            var after = VersionOf(await alice.Get("group-demo"));
            after.ShouldBeInRange(
                acknowledged,
                acknowledged + 1,
                "all that was acknowledged, and at most the one that was not"
            );
            var repeated = VersionOf(await alice.Request("voice_state", Fields(last, muted)));
            repeated.ShouldBe(acknowledged + 1, "it takes effect once, before the kill or now");
            VersionOf(await alice.Request("voice_state", Fields(last, muted))).ShouldBe(repeated);
            VersionOf(await alice.Get("group-demo")).ShouldBe(repeated);
            Volatile.Write(ref acknowledged, repeated);
        }
        VersionOf(await alice.Start("group-demo", commandId: "start")).ShouldBe(1, "the first answer again");
        await alice.EndCall("group-demo");
    }

    private static long VersionOf(JsonElement result) => result.GetProperty("call").GetProperty("version").GetInt64();

    private static JsonObject Fields(string command, bool muted) =>
        new()
        {
            ["channel_id"] = "group-demo",
            ["command_id"] = command,
            ["muted"] = muted,
        };

    /// <summary>The answer, or null when the connection broke off before it came.</summary>
    private static async Task<JsonElement?> Try(Func<Task<JsonElement>> request)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (e is not CallRefusedException)
        {
            return null;
        }
    }

    private async Task<CallsCaller> SignIn(string user, double? tone = null)
    {
        var token = await _node.Token(user);
        var options = new CallerOptions { Tone = tone, Tap = _traffic.Listen };
        var caller = await CallsCaller.Connect(_node.Url, token, $"{user}-phone", options);
        _callers.Add(caller);
        return caller;
    }

    private static async Task Return(params CallsCaller[] callers)
    {
        foreach (var caller in callers)
        {
            await caller.Ends(Eventually.Deadline);
            await caller.Reconnect();
        }
    }
}

/// <summary>On one node's own append-only log.</summary>
public sealed class KilledNodeOnTheEmbeddedStore() : KilledNodeTests(onRedis: false);

/// <summary>On a real Redis.</summary>
public sealed class KilledNodeOnRedis() : KilledNodeTests(onRedis: true);
