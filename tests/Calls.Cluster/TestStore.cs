namespace Calls.Cluster;

/// <summary>What the servers of a test keep their calls in: each its own append-only log, or all a real Redis of the test's.</summary>
public sealed class TestStore : IAsyncDisposable
{
    private TestStore(RedisServer? redis) => Redis = redis;

    /// <summary>The Redis; null on the embedded store.</summary>
    public RedisServer? Redis { get; }

    /// <summary>The environment that chooses it, to which a test adds its own.</summary>
    public Dictionary<string, string> Settings =>
        new(StringComparer.Ordinal)
        {
            ["CALLS__STORE"] = Redis is null ? "embedded" : "redis",
            ["CALLS__REDIS__CONNECTION"] = Redis?.Connection ?? "none",
        };

    /// <summary>Starts Redis if it is to be that.</summary>
    public static async Task<TestStore> Start(bool onRedis) => new(onRedis ? await RedisServer.Start() : null);

    public ValueTask DisposeAsync() => Redis?.DisposeAsync() ?? ValueTask.CompletedTask;
}
