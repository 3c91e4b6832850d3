using System.Globalization;
using Calls.Caller;

namespace Calls.Cluster;

/// <summary>
/// Calls leave nothing behind (issue number 12), as far as that can be seen of a real server from outside: open files and
/// sockets, threads, memory, and what a Redis would keep for ever. What only the inside shows, ten thousand calls in
/// virtual time count.
/// </summary>
public abstract class LeftoverFailureTests(LiveNode node)
{
    private const int WarmUp = 60;

    private const int Calls = 240;

    /// <summary>So many calls on one connection; more would be a flood.</summary>
    private const int CallsPerConnection = 12;

    /// <summary>Threads come and go with the pool; a leak of one a call would be twenty times that.</summary>
    private const int MoreThreads = 12;

    /// <summary>KiB by which the working set may grow over the calls: the collector takes its time, a leaked media session a call would not matter less than that.</summary>
    private const long MoreMemory = 48 * 1024;

    [Fact]
    public async Task N12_Hundreds_of_calls_leave_no_socket_thread_memory_or_lasting_key_behind()
    {
        var users = node.People("alice", "bob");
        var channel = await node.Channel(users);
        await Talk(users, channel, WarmUp);
        var before = await Observe();

        await Talk(users, channel, Calls);

        Observed? after = null;
        await Eventually.Holds(
            async () => (after = await Observe()).Files <= before.Files && after.LastingKeys <= before.LastingKeys,
            () => $"it has what it had before: {before}, now {after}"
        );
        after!.Threads.ShouldBeLessThan(before.Threads + MoreThreads);
        after.Memory.ShouldBeLessThan(before.Memory + MoreMemory);
        await using var alice = await node.SignIn(users[0]);
        alice.Ready.Body.GetProperty("calls").GetArrayLength().ShouldBe(0);
    }

    private async Task Talk(string[] users, string channel, int calls)
    {
        for (var i = 0; i < calls; i += CallsPerConnection)
        {
            await using var alice = await node.SignIn(users[0]);
            await using var bob = await node.SignIn(users[1]);
            for (var j = 0; j < CallsPerConnection; j++)
            {
                await alice.Start(channel);
                await bob.Hears("incoming_call");
                await bob.Join(channel);
                await (j % 2 == 0 ? alice : bob).Leave(channel);
                await bob.Hears("call_ended");
            }
        }
    }

    /// <summary>What the server's process holds.</summary>
    private sealed record Observed(int Files, int Threads, long Memory, long LastingKeys);

    private async Task<Observed> Observe()
    {
        var process = $"/proc/{node.Process.ProcessId}";
        var status = await File.ReadAllLinesAsync($"{process}/status");
        var memory = status.Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', '\t');
        return new Observed(
            Directory.GetFiles($"{process}/fd").Length,
            Directory.GetDirectories($"{process}/task").Length,
            long.Parse(memory.First(word => word.Length > 0 && char.IsDigit(word[0])), CultureInfo.InvariantCulture),
            node.Redis is { } redis ? await LastingKeys(redis) : 0
        );
    }

    /// <summary>Keys that no expiry takes away.</summary>
    private static async Task<long> LastingKeys(RedisServer redis)
    {
        const string script =
            "\"local n=0 for _,k in ipairs(redis.call('keys','*')) do if redis.call('ttl',k)==-1 then n=n+1 end end return n\"";
        var answer = await redis.Command("EVAL", script, "0");
        return long.Parse(answer.Split("\r\n")[0].TrimStart(':'), CultureInfo.InvariantCulture);
    }
}

public sealed class LeftoverFailuresOnTheEmbeddedStore(EmbeddedNode node)
    : LeftoverFailureTests(node),
        IClassFixture<EmbeddedNode>;

public sealed class LeftoverFailuresOnRedis(RedisNode node) : LeftoverFailureTests(node), IClassFixture<RedisNode>;
