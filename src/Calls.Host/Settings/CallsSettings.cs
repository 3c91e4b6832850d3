using System.Net;
using Calls.Host.Auth;
using Microsoft.Extensions.Configuration;

namespace Calls.Host.Settings;

/// <summary>Everything an operator decides, read and checked once at the start. <c>cluster.hocon</c> is its manual.</summary>
public sealed record CallsSettings
{
    public required StoreKind Store { get; init; }

    public required RedisSettings Redis { get; init; }

    public required DataSettings Data { get; init; }

    public required HistorySettings History { get; init; }

    public required NodeSettings Node { get; init; }

    public required MediaSettings Media { get; init; }

    public required AuthSettings Auth { get; init; }

    public required PolicySettings Policy { get; init; }

    public required ClusterSettings Cluster { get; init; }

    /// <summary>Handed to the clients, in <c>ready</c> and in every <c>media_offer</c>.</summary>
    public required IReadOnlyList<IceServer> IceServers { get; init; }

    /// <summary>Who is told of calls.</summary>
    public required IReadOnlyList<Webhook> Webhooks { get; init; }

    /// <summary>How many messages may wait for each of them.</summary>
    public required int WebhooksBacklog { get; init; }

    /// <summary>Reads all settings, or says all that is wrong with them at once.</summary>
    /// <param name="configuration">All sources, the ones that override last.</param>
    /// <param name="development">Development needs no token keys and announces loopback too.</param>
    /// <param name="urls">What the server listens on; the first one is the default of <c>calls.node.url</c>.</param>
    public static SettingsResult Load(IConfiguration configuration, bool development, IReadOnlyList<string> urls)
    {
        var errors = new List<SettingError>();
        UnknownKeys.Find(configuration, errors);
        var reader = new SettingsReader(configuration, errors);
        var settings = SettingsAssembly.Read(reader, development, urls);
        return errors.Count == 0 ? new(settings, []) : new(null, errors);
    }
}

/// <summary>The settings, or what is wrong with them.</summary>
/// <param name="Settings">Null exactly when there are errors.</param>
/// <param name="Errors">One for each thing to be put right.</param>
public sealed record SettingsResult(CallsSettings? Settings, IReadOnlyList<SettingError> Errors);

/// <summary>Where channels, journals and commands are kept.</summary>
public enum StoreKind
{
    /// <summary>One node, one append-only log on its disk.</summary>
    Embedded,

    /// <summary>Many nodes, one Redis.</summary>
    Redis,
}

/// <param name="Connection">As StackExchange.Redis reads it; may hold a password.</param>
/// <param name="MinReplicas">How many replicas must have an append before it counts.</param>
public sealed record RedisSettings(Secret Connection, int MinReplicas);

/// <param name="Path">The embedded store's folder.</param>
public sealed record DataSettings(string Path);

/// <param name="Retention">How long calls stand in the histories of channels and users, from their start.</param>
public sealed record HistorySettings(TimeSpan Retention);

/// <param name="Id">Unique in the cluster.</param>
/// <param name="Url">Where other nodes and operators reach this one.</param>
public sealed record NodeSettings(string Id, Uri Url);

/// <param name="Port">UDP and TCP; 0 takes a free one.</param>
/// <param name="AnnouncedPort">What the offers say in its place; null: the same.</param>
/// <param name="Addresses">What the offers announce; empty: every interface's own.</param>
/// <param name="AnnounceLoopback">Whether "every interface" includes loopback.</param>
/// <param name="Threads">How many threads forward packets.</param>
public sealed record MediaSettings(
    int Port,
    int? AnnouncedPort,
    IReadOnlyList<IPAddress> Addresses,
    bool AnnounceLoopback,
    int Threads
);

/// <param name="Keys">Any of them may have signed a token; empty only in Development.</param>
/// <param name="Issuer">What <c>iss</c> must be; null: not checked.</param>
/// <param name="Audience">What <c>aud</c> must name; null: not checked.</param>
public sealed record AuthSettings(IReadOnlyList<TokenKey> Keys, string? Issuer, string? Audience);

/// <summary>The rules of calls: durations and limits.</summary>
public sealed record PolicySettings
{
    public required TimeSpan RingTimeout { get; init; }

    public required TimeSpan ReconnectGrace { get; init; }

    public required TimeSpan AloneTimeout { get; init; }

    public required TimeSpan EndedReadable { get; init; }

    public required TimeSpan Heartbeat { get; init; }

    public required TimeSpan MediaSilence { get; init; }

    public required int StartsPerMinute { get; init; }

    public required int MaxParticipants { get; init; }
}

/// <param name="Heartbeat">How often a node says that it lives.</param>
/// <param name="Death">How long it may be silent.</param>
public sealed record ClusterSettings(TimeSpan Heartbeat, TimeSpan Death);

/// <summary>A STUN or TURN server, in the words of RTCIceServer.</summary>
/// <param name="Urls">Where it is.</param>
/// <param name="Username">The same for everybody.</param>
/// <param name="Credential">Likewise.</param>
/// <param name="Secret">Shared with the TURN server, to make credentials with; null where they are fixed or none.</param>
/// <param name="Lifetime">Of those.</param>
public sealed record IceServer(
    IReadOnlyList<string> Urls,
    string? Username,
    Secret? Credential,
    Secret? Secret,
    TimeSpan Lifetime
);

/// <param name="Url">Where events are POSTed.</param>
/// <param name="Secret">What signs them (Standard Webhooks).</param>
public sealed record Webhook(Uri Url, Secret Secret);

/// <summary>Text that no log line, error or <c>ToString</c> shows.</summary>
public readonly record struct Secret(string Value)
{
    public override string ToString() => "(hidden)";
}
