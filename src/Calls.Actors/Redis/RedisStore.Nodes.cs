using System.Globalization;
using System.Text.Json;
using Calls.Actors.Cluster;
using Calls.Actors.Persistence;
using Calls.Protocol;
using StackExchange.Redis;

namespace Calls.Actors.Redis;

/// <summary>The nodes, and where users are connected.</summary>
public sealed partial class RedisStore : IClusterStore
{
    /// <summary>Connections that no node took back (it died) are forgotten when their user has signed in nowhere for so long.</summary>
    private static readonly TimeSpan ConnectionRetention = TimeSpan.FromDays(7);

    public long Epoch => _redis.Epoch;

    public async ValueTask PutNode(NodeRecord record) =>
        await _redis.Execute(
            "HSET",
            RedisKeys.Nodes,
            record.Node,
            JsonSerializer.SerializeToUtf8Bytes(record, StoreJson.Default.NodeRecord)
        );

    public async ValueTask<IReadOnlyList<NodeRecord>> ListNodes() =>
        [
            .. ((RedisResult[])await _redis.Execute("HVALS", RedisKeys.Nodes)).Select(record =>
                JsonSerializer.Deserialize((byte[])record, StoreJson.Default.NodeRecord)!
            ),
        ];

    public async ValueTask RemoveNode(string node, string incarnation) =>
        await _redis.Evaluate(RedisScripts.RemoveNode, [RedisKeys.Nodes], [node, incarnation]);

    public async ValueTask PutConnection(UserId user, UserConnection connection) =>
        await Task.WhenAll(
            _redis.Execute(
                "HSET",
                RedisKeys.Connections(user),
                connection.Id,
                $"{connection.Device} {connection.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}"
            ),
            _redis.Execute("PEXPIRE", RedisKeys.Connections(user), Milliseconds(ConnectionRetention))
        );

    public async ValueTask RemoveConnection(UserId user, string connection) =>
        await _redis.Execute("HDEL", RedisKeys.Connections(user), connection);

    public async ValueTask<IReadOnlyDictionary<UserId, IReadOnlyList<UserConnection>>> ListConnections(
        IReadOnlyCollection<UserId> users
    )
    {
        var asked = users.Distinct().ToArray();
        var answers = await Task.WhenAll(asked.Select(user => _redis.Execute("HGETALL", RedisKeys.Connections(user))));
        return asked
            .Zip(answers, (user, fields) => (user, Connections((string[])fields)))
            .ToDictionary(pair => pair.user, pair => pair.Item2);
    }

    private static IReadOnlyList<UserConnection> Connections(string[] fields) =>
        [
            .. fields
                .Chunk(2)
                .Select(field => (Id: field[0], Parts: field[1].Split(' ')))
                .Select(c => new UserConnection(
                    c.Id,
                    new DeviceId(c.Parts[0]),
                    DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(c.Parts[1], CultureInfo.InvariantCulture))
                )),
        ];
}
