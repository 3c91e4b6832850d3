using System.Text.Json;
using Calls.Actors.Persistence;
using Calls.Protocol;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>What belongs to users.</summary>
public sealed partial class RedisStore
{
    private const string CallField = "call";
    private const string SettingsField = "settings";
    private const string LivePrefix = "live:";
    private const string DismissedPrefix = "dismissed:";

    public async ValueTask<CurrentCall?> GetCurrentCall(UserId user) =>
        Parse((byte[]?)await _redis.Execute("HGET", RedisKeys.User(user), CallField), StoreJson.Default.CurrentCall);

    public async ValueTask<bool> SwapCurrentCall(UserId user, CurrentCall? expected, CurrentCall? next) =>
        (long)await _redis.Evaluate(RedisScripts.SwapCurrentCall, [RedisKeys.User(user)], [Text(expected), Text(next)])
        == 1;

    public async ValueTask AddLive(ChannelId channel, IReadOnlyCollection<UserId> users) =>
        await Task.WhenAll(users.Select(user => _redis.Execute("HSET", RedisKeys.User(user), LivePrefix + channel, 1)));

    public async ValueTask RemoveLive(ChannelId channel, IReadOnlyCollection<UserId> users) =>
        await Task.WhenAll(
            users.Select(user =>
                _redis.Execute("HDEL", RedisKeys.User(user), LivePrefix + channel, DismissedPrefix + channel)
            )
        );

    public async ValueTask<IReadOnlyList<ChannelId>> LiveChannels(UserId user)
    {
        var fields = (string[])await _redis.Execute("HKEYS", RedisKeys.User(user));
        return
        [
            .. fields
                .Where(field => field.StartsWith(LivePrefix, StringComparison.Ordinal))
                .Select(field => new ChannelId(field[LivePrefix.Length..])),
        ];
    }

    public async ValueTask<CallSettings> GetSettings(UserId user) =>
        Parse(
            (byte[]?)await _redis.Execute("HGET", RedisKeys.User(user), SettingsField),
            StoreJson.Default.CallSettings
        ) ?? CallSettings.Default;

    public async ValueTask PutSettings(UserId user, CallSettings settings) =>
        await _redis.Execute(
            "HSET",
            RedisKeys.User(user),
            SettingsField,
            JsonSerializer.SerializeToUtf8Bytes(settings, StoreJson.Default.CallSettings)
        );

    public async ValueTask PutDismissal(UserId user, Dismissal dismissal) =>
        await _redis.Execute(
            "HSET",
            RedisKeys.User(user),
            DismissedPrefix + dismissal.Channel,
            JsonSerializer.SerializeToUtf8Bytes(dismissal, StoreJson.Default.Dismissal)
        );

    public async ValueTask<IReadOnlyDictionary<UserId, Dismissal>> GetDismissals(
        ChannelId channel,
        IReadOnlyCollection<UserId> users
    )
    {
        var asked = users.Distinct().ToArray();
        var answers = await Task.WhenAll(
            asked.Select(user => _redis.Execute("HGET", RedisKeys.User(user), DismissedPrefix + channel))
        );
        return asked
            .Zip(answers, (user, answer) => (user, Parse((byte[]?)answer, StoreJson.Default.Dismissal)))
            .Where(pair => pair.Item2 is not null)
            .ToDictionary(pair => pair.user, pair => pair.Item2!);
    }

    public async ValueTask PutUserCall(UserId user, UserCall call) =>
        await _redis.Evaluate(
            RedisScripts.PutUserCall,
            CallKeys(user),
            [
                call.Call.Value,
                call.StartedAt.ToUnixTimeMilliseconds(),
                JsonSerializer.SerializeToUtf8Bytes(call with { Missed = null }, StoreJson.Default.UserCall),
                call.Missed?.ToString() ?? "",
                Milliseconds(_options.HistoryRetention),
                _options.HistoryPerUser,
            ]
        );

    public async ValueTask<IReadOnlyList<UserCall>> ListUserCalls(
        UserId user,
        UserCallFilter filter,
        CallId? before,
        int limit
    )
    {
        var list = filter switch
        {
            UserCallFilter.Missed => RedisKeys.Missed(user),
            UserCallFilter.Unseen => RedisKeys.Unseen(user),
            _ => RedisKeys.UserCalls(user),
        };
        var found = await _redis.Evaluate(
            RedisScripts.ListUserCalls,
            [.. CallKeys(user), list],
            [before?.Value ?? "", limit, Milliseconds(_options.HistoryRetention)]
        );
        return [.. ((RedisResult[])found).Chunk(2).Select(call => UserCall((byte[])call[0], (string)call[1]))];
    }

    public async ValueTask<int> MarkSeen(UserId user, IReadOnlyCollection<CallId>? calls) =>
        (int)
            await _redis.Evaluate(
                RedisScripts.MarkSeen,
                [RedisKeys.Unseen(user)],
                [
                    Milliseconds(_options.HistoryRetention),
                    calls is null,
                    .. (calls ?? []).Select(call => (RedisValue)call.Value),
                ]
            );

    public async ValueTask<TimeSpan?> TakeStart(StartCounter counter, string start, int limit, TimeSpan window)
    {
        var wait = (long)
            await _redis.Evaluate(
                RedisScripts.TakeStart,
                [RedisKeys.Starts(counter)],
                [start, limit, (long)window.TotalMicroseconds]
            );
        return wait < 0 ? null : TimeSpan.FromMicroseconds(wait);
    }

    public async ValueTask GiveStartBack(StartCounter counter, string start) =>
        await _redis.Execute("ZREM", RedisKeys.Starts(counter), start);

    private static RedisKey[] CallKeys(UserId user) =>
        [RedisKeys.UserCalls(user), RedisKeys.UserCallRecords(user), RedisKeys.Missed(user), RedisKeys.Unseen(user)];

    private static UserCall UserCall(byte[] record, string mark) =>
        JsonSerializer.Deserialize(record, StoreJson.Default.UserCall)! with
        {
            Missed = mark.Length == 0 ? null : Enum.Parse<MissedMark>(mark),
        };

    private static string Text(CurrentCall? current) =>
        current is null ? "" : JsonSerializer.Serialize(current, StoreJson.Default.CurrentCall);
}
