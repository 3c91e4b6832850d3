using Calls.Actors.Persistence;
using Calls.Actors.Redis;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>A server in cluster mode refuses a script whose keys do not all lie in one slot, or that touches others.</summary>
public sealed class RedisClusterStoreTests(RedisClusterFixture redis)
    : StoreConformance,
        IClassFixture<RedisClusterFixture>
{
    /// <summary>Long enough for a test to see that it is still there, short enough to wait for.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromSeconds(2);

    protected override DateTimeOffset Now { get; } =
        DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    protected override async Task<ICallStore> OpenStore()
    {
        var options = new RedisOptions
        {
            Connection = redis.Server.Connection,
            Deadline = TimeSpan.FromSeconds(30),
            Store = Options with { CommandRetention = Retention, EndedRetention = Retention },
        };
        return await RedisStore.Open(options, TimeProvider.System, new Random(), NullLogger.Instance);
    }

    protected override Task PassRetention(Func<Task<bool>> gone) => Eventually.Holds(gone, "expired");

    protected override Task Pass(TimeSpan time, Func<Task<bool>> gone) => Eventually.Holds(gone, $"{time} has passed");
}

/// <summary>A cluster of one server that has all slots.</summary>
public sealed class RedisClusterFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RedisServer.Start("--cluster-enabled", "yes");
        await Server.Command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await Eventually.Holds(
            async () =>
                (await Server.Command("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal),
            "the cluster is complete"
        );
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
