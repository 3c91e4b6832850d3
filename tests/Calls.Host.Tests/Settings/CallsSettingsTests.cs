using System.Net;
using Calls.Host.Auth;
using Calls.Host.Settings;
using FsCheck;
using FsCheck.Fluent;
using static Calls.Host.Tests.Settings.SettingsScene;

namespace Calls.Host.Tests.Settings;

public class CallsSettingsTests
{
    [Fact]
    public void Nothing_given_gives_the_defaults()
    {
        var settings = Good();
        settings.Store.ShouldBe(StoreKind.Embedded);
        settings.Redis.Connection.Value.ShouldBe("127.0.0.1:6379");
        settings.Data.Path.ShouldBe("data");
        settings.History.Retention.ShouldBe(TimeSpan.FromDays(90));
        settings.Node.ShouldBe(new(Environment.MachineName, new Uri("http://localhost:8080")));
        settings.Media.Port.ShouldBe(7882);
        settings.Media.Addresses.ShouldBeEmpty();
        settings.Media.AnnounceLoopback.ShouldBeTrue();
        settings.Media.Threads.ShouldBe(Environment.ProcessorCount);
        settings.Auth.Keys.ShouldBeEmpty();
        settings.Policy.RingTimeout.ShouldBe(TimeSpan.FromSeconds(90));
        settings.Policy.ReconnectGrace.ShouldBe(TimeSpan.FromSeconds(15));
        settings.Policy.AloneTimeout.ShouldBe(TimeSpan.FromMinutes(3));
        settings.Policy.EndedReadable.ShouldBe(TimeSpan.FromSeconds(5));
        settings.Policy.Heartbeat.ShouldBe(TimeSpan.FromSeconds(5));
        settings.Policy.MediaSilence.ShouldBe(TimeSpan.FromSeconds(5));
        settings.Policy.StartsPerMinute.ShouldBe(5);
        settings.Policy.MaxParticipants.ShouldBe(25);
        settings.Cluster.ShouldBe(new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2)));
        settings.IceServers.ShouldBeEmpty();
        settings.Webhooks.ShouldBeEmpty();
        settings.WebhooksBacklog.ShouldBe(10_000);
    }

    [Fact]
    public void Every_value_given_takes_effect()
    {
        var settings = Good(
            ("calls.store", "redis"),
            ("calls.redis.connection", "redis:6379,password=x"),
            ("calls.data.path", "/var/lib/calls"),
            ("calls.history.retention", "7d"),
            ("calls.node.id", "node-1"),
            ("calls.node.url", "https://node-1.example.org"),
            ("calls.media.port", "0"),
            ("calls.media.announced_port", "40000"),
            ("calls.media.addresses.0", "203.0.113.5"),
            ("calls.media.addresses.1", "2001:db8::5"),
            ("calls.auth.keys.0", SigningSecret),
            ("calls.auth.issuer", "chat"),
            ("calls.auth.audience", "calls"),
            ("calls.policy.ring_timeout", "2s"),
            ("calls.policy.reconnect_grace", "300ms"),
            ("calls.policy.alone_timeout", "24h"),
            ("calls.policy.ended_readable", "0s"),
            ("calls.policy.heartbeat", "1s"),
            ("calls.policy.media_silence", "2s"),
            ("calls.policy.starts_per_minute", "1000000"),
            ("calls.policy.max_participants", "2"),
            ("calls.ice_servers.0.urls.0", "stun:stun.example.org"),
            ("calls.ice_servers.1.urls", "turn:turn.example.org, turns:turn.example.org:443"),
            ("calls.ice_servers.1.username", "u"),
            ("calls.ice_servers.1.credential", "c"),
            ("calls.webhooks.0.url", "https://chat.example.org/hooks"),
            ("calls.webhooks.0.secret", HookSecret),
            ("calls.webhooks.1.url", "http://10.0.0.5:9000/"),
            ("calls.webhooks.1.secret", HookSecret),
            ("calls.webhooks_backlog", "7")
        );
        settings.Store.ShouldBe(StoreKind.Redis);
        settings.Redis.Connection.Value.ShouldBe("redis:6379,password=x");
        settings.Data.Path.ShouldBe("/var/lib/calls");
        settings.History.Retention.ShouldBe(TimeSpan.FromDays(7));
        settings.Node.ShouldBe(new("node-1", new Uri("https://node-1.example.org")));
        settings.Media.Port.ShouldBe(0);
        settings.Media.Addresses.ShouldBe([IPAddress.Parse("203.0.113.5"), IPAddress.Parse("2001:db8::5")]);
        settings.Auth.Keys.ShouldHaveSingleItem().Algorithm.ShouldBe(TokenAlgorithms.Hs256);
        settings.Auth.Issuer.ShouldBe("chat");
        settings.Auth.Audience.ShouldBe("calls");
        settings.Policy.ShouldBe(
            new()
            {
                RingTimeout = TimeSpan.FromSeconds(2),
                ReconnectGrace = TimeSpan.FromMilliseconds(300),
                AloneTimeout = TimeSpan.FromHours(24),
                EndedReadable = TimeSpan.Zero,
                Heartbeat = TimeSpan.FromSeconds(1),
                MediaSilence = TimeSpan.FromSeconds(2),
                StartsPerMinute = 1_000_000,
                MaxParticipants = 2,
            }
        );
        settings.IceServers[0].Urls.ShouldBe(["stun:stun.example.org"]);
        settings.IceServers[0].Username.ShouldBeNull();
        settings.IceServers[1].Urls.ShouldBe(["turn:turn.example.org", "turns:turn.example.org:443"]);
        settings.IceServers[1].Credential!.Value.Value.ShouldBe("c");
        settings
            .Webhooks.Select(w => w.Url.AbsoluteUri)
            .ShouldBe(["https://chat.example.org/hooks", "http://10.0.0.5:9000/"]);
        settings.Webhooks.ShouldAllBe(w => w.Secret.Value == HookSecret);
        settings.WebhooksBacklog.ShouldBe(7);
    }

    [Theory]
    [InlineData(null, "absolute http:// or https:// URL")]
    [InlineData("", "absolute http:// or https:// URL")]
    [InlineData("chat.example.org/hooks", "absolute http:// or https:// URL")]
    [InlineData("ftp://chat.example.org", "absolute http:// or https:// URL")]
    [InlineData("https://user:password@chat.example.org", "leave them out")]
    public void A_webhook_has_a_url_that_can_be_posted_to(string? url, string fix)
    {
        var error = Refused(("calls.webhooks.0.url", url), ("calls.webhooks.0.secret", HookSecret));
        error.Key.ShouldBe("calls.webhooks.0.url");
        error.Problem.ShouldContain(fix);
        error.Problem.ShouldNotContain("password@");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not-base64-but-long-enough-for-a-key")]
    public void A_webhook_has_a_secret_in_the_form_of_the_specification_which_no_error_shows(string? secret)
    {
        var error = Refused(("calls.webhooks.0.url", "https://chat.example.org"), ("calls.webhooks.0.secret", secret));
        error.Key.ShouldBe("calls.webhooks.0.secret");
        error.Problem.ShouldContain("whsec_ and 24 to 64 bytes in base64");
        if (secret?.Length > 0)
            error.Problem.ShouldNotContain(secret);
    }

    [Fact]
    public void A_url_stands_in_the_webhooks_once() =>
        Refused(
            ("calls.webhooks.0.url", "https://chat.example.org/hooks"),
            ("calls.webhooks.0.secret", HookSecret),
            ("calls.webhooks.1.url", "https://chat.example.org/hooks"),
            ("calls.webhooks.1.secret", HookSecret)
        )
            .Key.ShouldBe("calls.webhooks.1.url");

    [Theory]
    [InlineData("calls.store", "sqlite", "embedded or redis")]
    [InlineData("calls.media.port", "70000", "from 0 to 65535")]
    [InlineData("calls.media.port", "-1", "from 0 to 65535")]
    [InlineData("calls.media.port", "", "from 0 to 65535")]
    [InlineData("calls.media.addresses.0", "example.org", "IPv4 or IPv6")]
    [InlineData("calls.media.addresses.0", "1", "IPv4 or IPv6")]
    [InlineData("calls.media.addresses.0", "0.0.0.0", "IPv4 or IPv6")]
    [InlineData("calls.media.addresses.0", "::", "wildcard")]
    [InlineData("calls.media.addresses.0", "fe80::1", "link-local")]
    [InlineData("calls.media.addresses.0", "ff02::1", "multicast")]
    [InlineData("calls.media.addresses.0", "224.0.0.1", "multicast")]
    [InlineData("calls.media.addresses.0", "::ffff:192.0.2.1", "IPv4 or IPv6")]
    [InlineData("calls.media.announced_port", "0", "from 1 to 65535")]
    [InlineData("calls.node.id", "my node", "characters of A-Z")]
    [InlineData("calls.node.url", "node-1:8080", "http://")]
    [InlineData("calls.policy.ring_timeout", "90", "a duration from 100ms to 1h, as in 500ms, 90s")]
    [InlineData("calls.policy.ring_timeout", "2h", "from 100ms to 1h")]
    [InlineData("calls.policy.ring_timeout", "1ms", "from 100ms to 1h")]
    [InlineData("calls.history.retention", "3651d", "from 100ms to 3650d")]
    [InlineData("calls.policy.max_participants", "26", "from 2 to 25")]
    [InlineData("calls.policy.starts_per_minute", "0", "from 1 to 1000000")]
    [InlineData("calls.ice_servers", "stun:x", "a list of objects")]
    [InlineData("calls.webhooks", "https://chat.example.org", "a list of objects")]
    [InlineData("calls.webhooks_backlog", "0", "from 1 to 1000000")]
    public void A_bad_value_is_refused_with_key_value_and_what_is_allowed(string key, string value, string allowed)
    {
        var error = Refused((key, value));
        error.Key.ShouldBe(key);
        error.Problem.ShouldContain($"\"{value}\"");
        error.Problem.ShouldContain(allowed);
    }

    [Fact]
    public void All_errors_are_told_at_once() =>
        Load(("calls.media.port", "x"), ("calls.policy.heartbeat", "x"), ("calls.nonsense", "x"))
            .Errors.Select(e => e.Key)
            .ShouldBe(["calls.nonsense", "calls.media.port", "calls.policy.heartbeat"], ignoreOrder: true);

    [Fact]
    public void Keys_are_read_in_any_case() =>
        Good(("CALLS.POLICY.RING_TIMEOUT", "7s")).Policy.RingTimeout.ShouldBe(TimeSpan.FromSeconds(7));

    [Fact]
    public void Secrets_are_shown_nowhere()
    {
        const string Short = "hunter2-but-too-short";
        Refused(("calls.auth.keys.0", Short)).ToString().ShouldNotContain(Short);
        var good = Good(
            ("calls.redis.connection", "redis,password=hunter2"),
            ("calls.auth.keys", SigningSecret),
            ("calls.ice_servers.0.urls", "turn:t"),
            ("calls.ice_servers.0.username", "u"),
            ("calls.ice_servers.0.credential", "hunter2"),
            ("calls.webhooks.0.url", "https://chat.example.org/hooks"),
            ("calls.webhooks.0.secret", HookSecret)
        );
        var shown = $"{good}{good.Redis}{good.Auth}{good.Auth.Keys[0]}{good.IceServers[0]}{good.Webhooks[0]}";
        shown.ShouldNotContain("hunter2");
        shown.ShouldNotContain(SigningSecret);
        shown.ShouldNotContain(HookSecret);
    }

    [Fact]
    public void Outside_development_a_key_is_required()
    {
        LoadForProduction().Errors.ShouldHaveSingleItem().Key.ShouldBe("calls.auth.keys");
        var settings = LoadForProduction(("calls.auth.keys", SigningSecret)).Settings.ShouldNotBeNull();
        settings.Auth.Keys.Count.ShouldBe(1);
        settings.Media.AnnounceLoopback.ShouldBeFalse();
    }

    [Theory]
    [InlineData("calls.redis.min_replicas", "1")]
    public void What_is_not_built_yet_is_refused_by_name_and_not_ignored(string key, string value)
    {
        var error = Refused((key, value));
        key.ShouldStartWith(error.Key);
        error.Problem.ShouldContain("not available in this version");
    }

    [Fact]
    public void What_is_not_built_yet_may_stand_at_its_default() =>
        Good(("calls.redis.min_replicas", "0"), ("calls.media.threads", "auto"));

    [Theory]
    [InlineData("http://*:8080")]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080")]
    public void A_node_that_listens_everywhere_is_reached_by_its_name(string url)
    {
        var settings = CallsSettings.Load(Build(), development: true, [url, "http://other"]).Settings.ShouldNotBeNull();
        settings.Node.Url.ShouldBe(new Uri($"http://{Environment.MachineName}:8080"));
    }

    [Theory]
    [InlineData("turn:turn.example.org")]
    [InlineData("turns:turn.example.org")]
    public void A_turn_server_needs_credentials(string url) =>
        Refused(("calls.ice_servers.0.urls", url)).Problem.ShouldContain("username and a credential");

    [Theory]
    [InlineData("http://stun.example.org")]
    [InlineData("stun:")]
    [InlineData("stun://stun.example.org")]
    public void An_ice_server_has_an_ice_url(string url) =>
        Load(("calls.ice_servers.0.urls", url)).Errors.ShouldContain(e => e.Problem.Contains("stun:, stuns:"));

    [Fact]
    public void A_TURN_server_with_a_secret_needs_no_fixed_credentials_and_may_have_none()
    {
        var server = Good(("calls.ice_servers.0.urls", "turn:t"), ("calls.ice_servers.0.secret", "s"))
            .IceServers.Single();
        server.Secret!.Value.Value.ShouldBe("s");
        server.Lifetime.ShouldBe(TimeSpan.FromHours(12));
        $"{server}".ShouldNotContain("= s,");
        Refused(
            ("calls.ice_servers.0.urls", "turn:t"),
            ("calls.ice_servers.0.secret", "s"),
            ("calls.ice_servers.0.credential", "c")
        )
            .Problem.ShouldContain("one or the other");
        Refused(
            ("calls.ice_servers.0.urls", "turn:t"),
            ("calls.ice_servers.0.secret", "s"),
            ("calls.ice_servers.0.lifetime", "31d")
        )
            .Problem.ShouldContain("from 1m to 30d");
    }

    [Fact]
    public void A_list_comes_whole_from_the_strongest_source_that_names_it()
    {
        var file = Source(("calls.media.addresses.0", "10.0.0.1"), ("calls.media.addresses.1", "10.0.0.2"));
        var environment = Source(("CALLS.MEDIA.ADDRESSES.0", "203.0.113.5"));
        Load(file, environment).Settings!.Media.Addresses.ShouldBe([IPAddress.Parse("203.0.113.5")]);
        Load(file, Source(("CALLS.MEDIA.ADDRESSES", "1.2.3.4,5.6.7.8"))).Settings!.Media.Addresses.Count.ShouldBe(2);
        Load(file, Source(("CALLS.MEDIA.ADDRESSES", ""))).Settings!.Media.Addresses.ShouldBeEmpty();
    }

    [Fact]
    public void No_value_of_any_setting_makes_it_throw() =>
        Prop.ForAll(
                Gen.Elements(SettingTable.All.Select(row => row.Key.Replace("[]", ".0")).ToArray()).ToArbitrary(),
                ArbMap.Default.ArbFor<string>(),
                (key, value) =>
                {
                    var result = LoadForProduction((key, value));
                    (result.Settings is null).ShouldBe(result.Errors.Count > 0);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
