using System.Net;
using Calls.Protocol;

namespace Calls.Host.Settings;

/// <summary>
/// Every setting there is. The parser, the help text and the search for misspelt keys read this table, and a test holds
/// <c>cluster.hocon</c> to it.
/// </summary>
public static class SettingTable
{
    // Ranges are wide: tests want milliseconds, and nobody is helped by a limit that only seems sensible. What they keep
    // out is the slip of a unit and what would not work at all (a timer of zero, a port of 70000).
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan TenYears = TimeSpan.FromDays(3650);

    /// <summary>Of threads that forward; more than any machine's cores would only take turns.</summary>
    private const int MaxThreads = 256;

    /// <summary>Of starts a minute; load tests take the limit away with it.</summary>
    private const int MaxStarts = 1_000_000;

    /// <summary>Of webhooks that wait for one URL; at a KiB each a GiB, in the store and in memory.</summary>
    private const int MaxBacklog = 1_000_000;

    private static readonly List<Setting> Rows = [];

    public static readonly Setting<StoreKind> Store = Value(
        "calls.store",
        "embedded",
        Rules.OneOf(("embedded", StoreKind.Embedded), ("redis", StoreKind.Redis)),
        "where calls are journaled: on this node's disk, or in a Redis that many nodes share"
    );

    public static readonly Setting<string> RedisConnection = Value(
        "calls.redis.connection",
        "127.0.0.1:6379",
        Rules.Line,
        "the Redis of calls.store = redis: host:port, then ,password=… and the like",
        secret: true
    );

    public static readonly Setting<int> RedisMinReplicas = Value(
        "calls.redis.min_replicas",
        "0",
        Rules.Whole(0, 10),
        "replicas that must have an append before it counts",
        notYet: "waiting for replicas is"
    );

    public static readonly Setting<string> DataPath = Value(
        "calls.data.path",
        "data",
        Rules.Line,
        "the folder of the embedded store, relative to the current directory"
    );

    public static readonly Setting<TimeSpan> HistoryRetention = Value(
        "calls.history.retention",
        "90d",
        Rules.Duration(Shortest, TenYears),
        "how long calls stand in the histories of channels and users"
    );

    public static readonly Setting<string?> NodeId = Value(
        "calls.node.id",
        Rules.Auto,
        Rules.OrAuto(Rules.Id),
        "this node's name, unique in the cluster; auto: the host's name"
    );

    public static readonly Setting<string?> NodeUrl = Value(
        "calls.node.url",
        Rules.Auto,
        Rules.OrAuto(Rules.HttpUrl),
        "where other nodes and operators reach this node; auto: the first of --urls"
    );

    public static readonly Setting<int> MediaPort = Value(
        "calls.media.port",
        "7882",
        Rules.Whole(0, IPEndPoint.MaxPort),
        "the port of all media, UDP and TCP; 0 takes a free one"
    );

    public static readonly Setting<int?> MediaAnnouncedPort = Value(
        "calls.media.announced_port",
        Rules.Auto,
        Rules.OrAuto(Rules.Whole(1, IPEndPoint.MaxPort)),
        "the port that offers announce; auto: calls.media.port"
    );

    public static readonly Setting<IPAddress> MediaAddresses = List(
        "calls.media.addresses",
        Rules.Address,
        "the addresses that offers announce; none: those of every interface",
        commas: true
    );

    public static readonly Setting<int?> MediaThreads = Value(
        "calls.media.threads",
        Rules.Auto,
        Rules.OrAuto(Rules.Whole(1, MaxThreads)),
        "threads that forward packets",
        notYet: "more than the one forwarding thread is"
    );

    public static readonly Setting<string> AuthKeys = List(
        "calls.auth.keys",
        Rules.AnyText,
        "keys that tokens are signed with, any of them: an HS256 secret, a PEM, a JWKS, or file:/path of one",
        secret: true
    );

    public static readonly Setting<string?> AuthIssuer = Value(
        "calls.auth.issuer",
        "",
        Rules.Optional,
        "what a token's iss must be; empty: not checked"
    );

    public static readonly Setting<string?> AuthAudience = Value(
        "calls.auth.audience",
        "",
        Rules.Optional,
        "what a token's aud must name; empty: not checked"
    );

    public static readonly Setting<TimeSpan> RingTimeout = Value(
        "calls.policy.ring_timeout",
        "90s",
        Rules.Duration(Shortest, Hour),
        "how long a call rings before it is missed"
    );

    public static readonly Setting<TimeSpan> ReconnectGrace = Value(
        "calls.policy.reconnect_grace",
        "15s",
        Rules.Duration(Shortest, Hour),
        "how long a participant without connection and media may take to come back"
    );

    public static readonly Setting<TimeSpan> AloneTimeout = Value(
        "calls.policy.alone_timeout",
        "3m",
        Rules.Duration(Shortest, TimeSpan.FromDays(1)),
        "how long the last one in a group call may wait for others"
    );

    public static readonly Setting<TimeSpan> EndedReadable = Value(
        "calls.policy.ended_readable",
        "5s",
        Rules.Duration(TimeSpan.Zero, Hour),
        "how long an ended call can still be read"
    );

    public static readonly Setting<int> StartsPerMinute = Value(
        "calls.policy.starts_per_minute",
        "5",
        Rules.Whole(1, MaxStarts),
        "starts of calls a minute, per user, per channel and per target"
    );

    public static readonly Setting<TimeSpan> PolicyHeartbeat = Value(
        "calls.policy.heartbeat",
        "5s",
        Rules.Duration(Shortest, Hour),
        "between two WebSocket pings; two without an answer close the connection"
    );

    public static readonly Setting<TimeSpan> MediaSilence = Value(
        "calls.policy.media_silence",
        "5s",
        Rules.Duration(Shortest, Hour),
        "media is gone after so long without a packet or connectivity check"
    );

    public static readonly Setting<int> MaxParticipants = Value(
        "calls.policy.max_participants",
        "25",
        Rules.Whole(2, Channel.MaxMembers),
        "most participants of a call"
    );

    public static readonly Setting<TimeSpan> ClusterHeartbeat = Value(
        "calls.cluster.heartbeat",
        "500ms",
        Rules.Duration(Shortest, Hour),
        "how often a node tells the others that it lives"
    );

    public static readonly Setting<TimeSpan> ClusterDeath = Value(
        "calls.cluster.death",
        "2s",
        Rules.Duration(Shortest, Hour),
        "how long a node may be silent before its calls are taken over"
    );

    public static readonly Setting IceServers = Entries(
        "calls.ice_servers",
        "STUN and TURN servers, told to the clients"
    );

    public static readonly Setting<string> IceUrls = List(
        "calls.ice_servers[].urls",
        Rules.IceUrl,
        "the server's URLs: stun:host:port, turn:host:port?transport=tcp, …",
        commas: true
    );

    public static readonly Setting<string?> IceUsername = Value(
        "calls.ice_servers[].username",
        "",
        Rules.Optional,
        "for TURN"
    );

    public static readonly Setting<string?> IceCredential = Value(
        "calls.ice_servers[].credential",
        "",
        Rules.Optional,
        "for TURN",
        secret: true
    );

    public static readonly Setting<string?> IceSecret = Value(
        "calls.ice_servers[].secret",
        "",
        Rules.Optional,
        "shared with the TURN server, for credentials of each user's own that end (coturn: static-auth-secret)",
        secret: true
    );

    public static readonly Setting<TimeSpan> IceLifetime = Value(
        "calls.ice_servers[].lifetime",
        "12h",
        Rules.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
        "how long credentials made with the secret are good"
    );

    public static readonly Setting Webhooks = Entries("calls.webhooks", "where the chat app's backend hears of calls");

    public static readonly Setting<string> WebhookUrl = Value(
        "calls.webhooks[].url",
        "",
        Rules.HttpUrl,
        "where events are POSTed"
    );

    public static readonly Setting<string> WebhookSecret = Value(
        "calls.webhooks[].secret",
        "",
        Rules.WebhookSecret,
        "what signs them: whsec_ and base64 (Standard Webhooks)",
        secret: true
    );

    public static readonly Setting<int> WebhooksBacklog = Value(
        "calls.webhooks_backlog",
        "10000",
        Rules.Whole(1, MaxBacklog),
        "webhooks that may wait for each URL; beyond it the oldest is dropped"
    );

    /// <summary>All of them, in the order of the manual.</summary>
    public static IReadOnlyList<Setting> All => Rows;

    /// <summary>The setting of that dotted key, in any case; null if there is none.</summary>
    public static Setting? Find(string key) =>
        Rows.Find(row => string.Equals(row.Key, key, StringComparison.OrdinalIgnoreCase));

    private static Setting<T> Value<T>(
        string key,
        string ifNotGiven,
        SettingRule<T> rule,
        string help,
        bool secret = false,
        string? notYet = null
    ) => Add(new Setting<T>(key, ifNotGiven, rule, help) { IsSecret = secret, NotYet = notYet });

    private static Setting<T> List<T>(
        string key,
        SettingRule<T> rule,
        string help,
        bool commas = false,
        bool secret = false
    ) =>
        Add(
            new Setting<T>(key, "", rule, help)
            {
                Shape = SettingShape.List,
                SplitsAtCommas = commas,
                IsSecret = secret,
            }
        );

    private static Setting Entries(string key, string help) =>
        Add(new Setting<string>(key, "", Rules.NoValue, help) { Shape = SettingShape.Entries });

    private static TSetting Add<TSetting>(TSetting row)
        where TSetting : Setting
    {
        Rows.Add(row);
        return row;
    }
}
