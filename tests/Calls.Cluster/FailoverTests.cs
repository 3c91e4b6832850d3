namespace Calls.Cluster;

/// <summary>A server on a Redis that dies and whose replica, which lacks the last writes, takes its place.</summary>
public sealed class FailoverTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private RedisServer _replica = null!;
    private CuttableLink _link = null!;
    private FailingOver _node = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _link = new CuttableLink(_redis.Port);
        _replica = await RedisServer.Start("--appendonly", "yes", "--replicaof", "127.0.0.1", $"{_link.Port}");
        _node = new FailingOver($"{_redis.Connection},{_replica.Connection}");
        await _node.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _replica.DisposeAsync();
        await _link.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task What_the_replica_lacks_of_a_live_call_its_home_writes_again()
    {
        var users = _node.People("alice", "bob");
        var channel = await _node.Channel(users);
        await using var alice = await _node.SignIn(users[0], tone: 500);
        await using var bob = await _node.SignIn(users[1], tone: 900);
        var call = (await alice.Start(channel)).Call().Text("call_id")!;
        await Eventually.Holds(async () => await Length(_replica, call) == 1, () => "the replica has the start");

        _link.Cut();
        await bob.Join(channel);
        await bob.VoiceState(channel, deafened: true);
        await alice.HearsTone(users[1], 900);
        (await Length(_redis, call)).ShouldBe(3);
        _redis.Kill();
        await _replica.Command("REPLICAOF", "NO", "ONE");
        (await Length(_replica, call)).ShouldBe(1, "the tail is lost");

        await Eventually.Holds(async () => await Length(_replica, call) == 3, () => "the home has written it again");
        await Eventually.Holds(
            async () => await CallerTalk.RefusalOf(bob.VoiceState(channel, deafened: false)) is null,
            () => "commands are taken again"
        );
        (await alice.Sees(channel)).Version().ShouldBe(4);
        await alice.HearsTone(users[1], 900);
        await bob.HearsTone(users[0], 500);
        (await alice.HeardSoFar()).ShouldNotContain(e => e.Type == "participant_left" || e.Type == "call_ended");
    }

    private static async Task<int> Length(RedisServer redis, string call)
    {
        var keys = await redis.Command("KEYS", $"*:call:{call}");
        var key = keys.Split("\r\n").FirstOrDefault(line => line.EndsWith(call, StringComparison.Ordinal));
        return key is null ? 0 : int.Parse((await redis.Command("XLEN", key)).Split("\r\n")[0][1..], null);
    }
}

/// <summary>One server that knows both addresses.</summary>
public sealed class FailingOver(string connection) : LiveNode(onRedis: true)
{
    protected override IReadOnlyDictionary<string, string> SettingsOf(int number) =>
        new Dictionary<string, string> { ["CALLS__REDIS__CONNECTION"] = connection };
}
