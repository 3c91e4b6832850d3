namespace Calls.Actors.Redis;

/// <summary>The outbox: a stream, so that what came later has a later id, whatever was removed meanwhile.</summary>
internal static partial class RedisScripts
{
    /// <summary>KEYS: outbox. ARGV: the fields of each webhook: receiver, id, call, time in ms, body.</summary>
    public const string PutWebhooks = "for i = 1, #ARGV, 5 do\n" + Enqueue + "end";

    private const string Enqueue = """
        redis.call('XADD', KEYS[#KEYS], '*', 'to', ARGV[i], 'id', ARGV[i + 1], 'call', ARGV[i + 2],
          'at', ARGV[i + 3], 'body', ARGV[i + 4])

        """;
}
