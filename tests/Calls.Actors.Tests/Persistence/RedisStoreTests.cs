using Calls.Actors.Persistence;
using Calls.Actors.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

public sealed class RedisStoreTests(RedisFixture redis) : StoreConformance, IClassFixture<RedisFixture>
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
