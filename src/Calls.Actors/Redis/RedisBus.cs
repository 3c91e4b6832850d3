using Calls.Actors.Cluster;
using Calls.Actors.Persistence;
using Microsoft.Extensions.Logging;

namespace Calls.Actors.Redis;

/// <summary>Messages between nodes by Redis' publish and subscribe, on a connection of its own: what is heard keeps its order, and waits for no answer of the store's.</summary>
public sealed class RedisBus : INodeBus
{
    private readonly RedisConnection _redis;
    private readonly ILogger _log;

    private RedisBus(RedisConnection redis, ILogger log) => (_redis, _log) = (redis, log);

    /// <summary>Connects; the bus owns the connection.</summary>
    public static async Task<RedisBus> Open(RedisOptions options, TimeProvider time, ILogger log) =>
        new(await RedisConnection.Open(options, time, log, inOrder: true), log);

    public async ValueTask Send(string node, byte[] message)
    {
        try
        {
            await _redis.Execute("PUBLISH", RedisKeys.Inbox(node), message);
        }
        catch (StoreUnavailableException e)
        {
            _log.LogWarning("A message to node {Node} is lost: {Reason}", node, e.Message);
        }
    }

    public async ValueTask Listen(string node, Action<byte[]> heard) =>
        await _redis.Subscribe(RedisKeys.Inbox(node), heard);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
