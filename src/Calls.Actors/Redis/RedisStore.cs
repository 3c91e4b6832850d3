using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Calls.Actors.Persistence;
using Calls.Protocol;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>
/// The store of a cluster: many nodes, one Redis. What one channel or one user needs atomically is one script. An
/// operation that returns is as durable as the server's <c>appendfsync</c> makes it; after one that failed a late answer
/// may still come true, which the comparisons in the scripts make harmless.
/// </summary>
public sealed partial class RedisStore : ICallStore
{
    private readonly RedisConnection _redis;
    private readonly StoreOptions _options;
    private readonly Random _random;

    private RedisStore(RedisConnection redis, StoreOptions options, Random random) =>
        (_redis, _options, _random) = (redis, options, random);

    /// <summary>Counts the connections; see <see cref="RedisConnection.Epoch"/>.</summary>
    public long ConnectionEpoch => _redis.Epoch;

    /// <summary>Connects; the store owns the connection.</summary>
    public static async Task<RedisStore> Open(RedisOptions options, TimeProvider time, Random random, ILogger log) =>
        new(await RedisConnection.Open(options, time, log), options.Store, random);

    public async ValueTask<Channel?> GetChannel(ChannelId channel) =>
        Parse((byte[]?)await _redis.Execute("GET", RedisKeys.Channel(channel)), StoreJson.Default.Channel);

    public async ValueTask PutChannel(Channel channel) =>
        await _redis.Execute(
            "SET",
            RedisKeys.Channel(channel.Id),
            JsonSerializer.SerializeToUtf8Bytes(channel, StoreJson.Default.Channel)
        );

    public async ValueTask<bool> DeleteChannel(ChannelId channel) =>
        (long)await _redis.Execute("DEL", RedisKeys.Channel(channel)) == 1;

    public async ValueTask<OpenCall?> FindOpen(ChannelId channel) =>
        OpenRecord.Parse(channel, (string?)await _redis.Execute("HGET", RedisKeys.Open(channel), channel.Value));

    public async ValueTask<IReadOnlyList<OpenCall>> ListOpen()
    {
        var shards = await Task.WhenAll(RedisKeys.AllOpen().Select(key => _redis.Execute("HGETALL", key)));
        return
        [
            .. shards
                .SelectMany(shard => ((string[])shard).Chunk(2))
                .Select(pair => OpenRecord.Parse(new ChannelId(pair[0]), pair[1])!),
        ];
    }

    public async ValueTask<OpenCall?> Claim(ChannelId channel, string node)
    {
        AppendRequest.ValidateNode(node);
        var record = await _redis.Evaluate(
            RedisScripts.Claim,
            [RedisKeys.Open(channel)],
            [channel.Value, node, NewNonce()]
        );
        return OpenRecord.Parse(channel, (string?)record);
    }

    public async ValueTask<IReadOnlyList<JournalEntry>> Read(ChannelId channel, CallId call, long from = 1)
    {
        var entries = await _redis.Execute("XRANGE", RedisKeys.Call(channel, call), $"{Math.Max(from, 1)}-0", "+");
        return [.. ((RedisResult[])entries).Select(Entry)];
    }

    public async ValueTask<AppendResult> Append(AppendRequest request)
    {
        request.Validate();
        var noted = AddLive(request.Channel, request.LiveAt).AsTask();
        var placed = request.Place is { } place
            ? SwapCurrentCall(place.User, place.Expected, place.Next).AsTask()
            : Task.FromResult(true);
        await Task.WhenAll(noted, placed);
        if (!await placed)
            return new AppendResult(AppendOutcome.PlaceTaken, await FindOpen(request.Channel));
        var outcome = request.Outcome;
        var fence = request.ExpectedVersion == 0 ? new Fence(1, NewNonce()) : request.Fence;
        List<RedisKey> keys = [RedisKeys.Open(request.Channel), RedisKeys.Call(request.Channel, request.Call)];
        if (outcome is not null)
            keys.Add(RedisKeys.Command(request.Channel, outcome.User, outcome.Command));
        List<RedisValue> arguments =
        [
            request.Channel.Value,
            request.Call.Value,
            request.Home,
            fence.Epoch,
            fence.Nonce ?? "",
            request.ExpectedVersion,
            request.PreviousTag ?? "",
            request.Closes,
            Milliseconds(_options.EndedRetention),
            outcome is not null,
            outcome?.Payload ?? [],
            Milliseconds(_options.CommandRetention),
            request.Entries.Count,
        ];
        if (request.History is { } history)
            Keep(request.Channel, history, keys, arguments);
        foreach (var entry in request.Entries)
            arguments.AddRange([entry.Tag, entry.Payload]);
        foreach (var webhook in request.Webhooks)
            arguments.AddRange(Fields(webhook));
        if (request.Webhooks.Count > 0)
            keys.Add(RedisKeys.Outbox(request.Channel));

        var script = request.History is null ? RedisScripts.Append : RedisScripts.AppendLast;
        var answer = (RedisResult[])await _redis.Evaluate(script, [.. keys], [.. arguments]);
        return new AppendResult(
            Enum.Parse<AppendOutcome>((string)answer[0]),
            OpenRecord.Parse(request.Channel, (string?)answer[1])
        );
    }

    public async ValueTask<byte[]?> FindOutcome(ChannelId channel, UserId user, CommandId command) =>
        (byte[]?)await _redis.Execute("GET", RedisKeys.Command(channel, user, command));

    public async ValueTask PutOutcome(ChannelId channel, CommandOutcome outcome) =>
        await _redis.Execute(
            "SET",
            RedisKeys.Command(channel, outcome.User, outcome.Command),
            outcome.Payload,
            "PX",
            Milliseconds(_options.CommandRetention)
        );

    public async ValueTask<byte[]> GetOrAddSecret(string name, byte[] candidate)
    {
        await _redis.Execute("SET", RedisKeys.Secret(name), candidate, "NX");
        return (byte[])await _redis.Execute("GET", RedisKeys.Secret(name));
    }

    public async ValueTask<bool> IsHealthy()
    {
        try
        {
            await _redis.Execute("PING");
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    /// <summary>An entry as XRANGE gives it: <c>[VERSION-0, [tag, TAG, event, PAYLOAD]]</c>.</summary>
    private static JournalEntry Entry(RedisResult entry)
    {
        var parts = (RedisResult[])entry;
        var fields = (RedisResult[])parts[1];
        var version = long.Parse(((string)parts[0]).AsSpan()[..^"-0".Length]);
        return new JournalEntry(version, (string)fields[1], (byte[])fields[3]);
    }

    private static T? Parse<T>(byte[]? json, JsonTypeInfo<T> type) =>
        json is null ? default : JsonSerializer.Deserialize(json, type);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private string NewNonce()
    {
        lock (_random)
            return $"{_random.NextInt64():x16}";
    }
}
