using Calls.Host.Auth;
using Calls.Protocol;
using static Calls.Host.Settings.SettingTable;

namespace Calls.Host.Settings;

/// <summary>Puts the records together, and checks what takes more than one setting to see.</summary>
internal static class SettingsAssembly
{
    /// <summary>What a server listens on that was told nothing.</summary>
    private const string DefaultUrl = "http://localhost:8080";

    public static CallsSettings Read(SettingsReader reader, bool development, IReadOnlyList<string> urls) =>
        new()
        {
            Store = reader.Get(Store),
            Redis = new(new(reader.Get(RedisConnection)), reader.Get(RedisMinReplicas)),
            Data = new(reader.Get(DataPath)),
            History = new(reader.Get(HistoryRetention)),
            Node = Node(reader, urls),
            Media = new(
                reader.Get(MediaPort),
                reader.Get(MediaAnnouncedPort),
                [.. reader.GetList(MediaAddresses).Select(a => a.Value)],
                AnnounceLoopback: development,
                reader.Get(MediaThreads) ?? Environment.ProcessorCount
            ),
            Auth = Auth(reader, development),
            Policy = new()
            {
                RingTimeout = reader.Get(RingTimeout),
                ReconnectGrace = reader.Get(ReconnectGrace),
                AloneTimeout = reader.Get(AloneTimeout),
                EndedReadable = reader.Get(EndedReadable),
                Heartbeat = reader.Get(PolicyHeartbeat),
                MediaSilence = reader.Get(MediaSilence),
                StartsPerMinute = reader.Get(StartsPerMinute),
                MaxParticipants = reader.Get(MaxParticipants),
            },
            Cluster = new(reader.Get(ClusterHeartbeat), reader.Get(ClusterDeath)),
            IceServers = [.. reader.Indexes(IceServers).Select(i => Ice(reader, i))],
            Webhooks = Hooks(reader),
            WebhooksBacklog = reader.Get(WebhooksBacklog),
        };

    private static NodeSettings Node(SettingsReader reader, IReadOnlyList<string> urls)
    {
        var host = Environment.MachineName;
        var id = reader.Get(NodeId) ?? host;
        if (!IdSyntax.IsValid(id) && id == host)
            reader.Refuse(
                NodeId.Key,
                $"this host's name, {SettingError.Show(host)}, cannot be the default; set one of {IdSyntax.Rule}"
            );
        var given = reader.Get(NodeUrl);
        if (Rules.TryHttp(given ?? Reachable(urls, host), out var url))
            return new(id, url);
        if (given is null)
            reader.Refuse(NodeUrl.Key, $"{SettingError.Show(urls[0])}, the first of --urls, is not {NodeUrl.Allowed}");
        return new(id, new Uri(DefaultUrl));
    }

    /// <summary>A server may listen on every address, but nobody can dial one: then the host's name stands in.</summary>
    private static string Reachable(IReadOnlyList<string> urls, string host)
    {
        var first = urls.Count > 0 ? urls[0] : DefaultUrl;
        foreach (var wildcard in (string[])["://*", "://+", "://0.0.0.0", "://[::]"])
            first = first.Replace(wildcard, $"://{host}", StringComparison.Ordinal);
        return first;
    }

    private static AuthSettings Auth(SettingsReader reader, bool development)
    {
        var keys = new List<TokenKey>();
        var given = reader.GetList(AuthKeys);
        foreach (var (key, text) in given)
        {
            if (TokenKeyReader.TryRead(text, out var found, out var problem))
                keys.AddRange(found);
            else
                reader.Refuse(key, problem);
        }
        if (given.Count == 0 && !development)
            reader.Refuse(
                AuthKeys.Key,
                $"none is given, and outside Development one is needed: {TokenKeyReader.Allowed}"
            );
        return new(keys, reader.Get(AuthIssuer), reader.Get(AuthAudience));
    }

    private static IceServer Ice(SettingsReader reader, int index)
    {
        var urls = reader.GetList(IceUrls, index).Select(u => u.Value).ToArray();
        var username = reader.Get(IceUsername, index);
        var credential = reader.Get(IceCredential, index);
        var entry = $"{IceServers.Key}.{index}";
        if (urls.Length == 0)
            reader.Refuse(entry, $"has no good urls; allowed is {IceUrls.Allowed}");
        var secret = reader.Get(IceSecret, index);
        var lifetime = reader.Get(IceLifetime, index);
        if (secret is not null && (username is not null || credential is not null))
            reader.Refuse(entry, "has a secret, and a username or a credential; give one or the other");
        // Browsers refuse the whole configuration when a TURN server comes without these.
        var isTurn = urls.Any(u => u.StartsWith("turn", StringComparison.Ordinal));
        if (isTurn && secret is null && (username is null || credential is null))
            reader.Refuse(entry, "a TURN server needs a secret, or a username and a credential");
        return new(urls, username, Hidden(credential), Hidden(secret), lifetime);
    }

    private static Secret? Hidden(string? text) => text is null ? null : new Secret(text);

    private static IReadOnlyList<Webhook> Hooks(SettingsReader reader)
    {
        List<Webhook> hooks = [];
        foreach (var index in reader.Indexes(SettingTable.Webhooks))
        {
            var secret = reader.Get(WebhookSecret, index);
            if (!Rules.TryHttp(reader.Get(WebhookUrl, index), out var url))
                continue; // refused by its own rule
            var key = WebhookUrl.Indexed(index);
            if (url.UserInfo.Length > 0)
                reader.Refuse(key, "holds a name or a password; leave them out, the signature says who sends");
            else if (hooks.Exists(known => known.Url == url))
                reader.Refuse(key, "stands there twice; give each URL once");
            hooks.Add(new(url, new(secret)));
        }
        return hooks;
    }
}
