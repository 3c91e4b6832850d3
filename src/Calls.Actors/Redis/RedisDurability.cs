using Calls.Actors.Persistence;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>Looks whether the server keeps what it acknowledges, and warns an operator if not.</summary>
internal static class RedisDurability
{
    public static async Task Check(RedisConnection redis, ILogger log)
    {
        try
        {
            var policy = await Get(redis, "appendfsync");
            if (await Get(redis, "appendonly") is "no")
                log.LogWarning(
                    "Redis has appendonly off: acknowledged events are lost when it crashes. Set appendonly yes"
                );
            else if (policy is not "always")
                log.LogWarning(
                    "Redis has appendfsync {Policy}: up to a second of acknowledged events is lost when it crashes. Set appendfsync always",
                    policy
                );
            else
                log.LogDebug("Redis keeps what it acknowledges");
        }
        catch (StoreUnavailableException e)
        {
            log.LogInformation(
                "Redis does not tell how it keeps data ({Reason}); see to appendfsync always",
                e.Message
            );
        }
    }

    private static async Task<string?> Get(RedisConnection redis, string setting) =>
        await redis.Execute("CONFIG", "GET", setting) is { } answer && (string[])answer is [_, var value]
            ? value
            : null;
}
