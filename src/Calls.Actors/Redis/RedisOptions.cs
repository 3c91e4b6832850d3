using Calls.Actors.Persistence;

namespace Calls.Actors.Redis;

/// <summary>How Redis is reached.</summary>
public sealed record RedisOptions
{
    /// <summary>StackExchange.Redis' connection string (<c>calls.redis.connection</c>).</summary>
    public string Connection { get; init; } = "127.0.0.1:6379";

    /// <summary>Longest wait for one answer. The client library itself would wait for ever. Longer than an fsync of a busy disk, shorter than a client's patience.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the connection is tried. Also the shortest time in which a dead one can be noticed.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A connection that could not be used for so long is given up for a new one: the library does not notice a peer that went silent.</summary>
    public TimeSpan RebuildAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long what is over is kept.</summary>
    public StoreOptions Store { get; init; } = new();
}
