using Calls.Actors.Cluster;
using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Actors.Redis;
using Calls.Host.Settings;

namespace Calls.Host.Nodes;

/// <summary>Opens the store that the settings name.</summary>
internal static class Stores
{
    /// <summary>What carries messages between the nodes that share the store; null where none share it.</summary>
    public static async Task<INodeBus?> OpenBus(CallsSettings settings, TimeProvider time, ILoggerFactory logs)
    {
        if (settings.Store != StoreKind.Redis)
            return null;
        var redis = new RedisOptions { Connection = settings.Redis.Connection.Value };
        return await RedisBus.Open(redis, time, logs.CreateLogger("Calls.Cluster"));
    }

    /// <summary>The opened store, or which setting stands in the way.</summary>
    public static async Task<(ICallStore? Store, SettingError? Problem)> Open(
        CallsSettings settings,
        TimeProvider time,
        Random random,
        ILoggerFactory logs
    )
    {
        var log = logs.CreateLogger("Calls.Store");
        var options = new StoreOptions { HistoryRetention = settings.History.Retention };
        if (settings.Store == StoreKind.Redis)
        {
            var redis = new RedisOptions { Connection = settings.Redis.Connection.Value, Store = options };
            try
            {
                return (await RedisStore.Open(redis, time, random, log), null);
            }
            catch (Exception e) when (e is StoreUnavailableException or ArgumentException)
            {
                return (null, new SettingError("calls.redis.connection", e.Message));
            }
        }
        try
        {
            var embedded = new EmbeddedOptions { Path = settings.Data.Path, Store = options };
            return (EmbeddedStore.Open(embedded, time, random, log), null);
        }
        catch (StoreStartException e)
        {
            return (null, new SettingError("calls.data.path", e.Message));
        }
    }
}
