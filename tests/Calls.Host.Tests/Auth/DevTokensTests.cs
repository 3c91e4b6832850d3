using System.Reflection;
using Calls.Actors.Persistence;
using Calls.Host.Auth;
using static Calls.Host.Tests.Auth.TokenScene;

namespace Calls.Host.Tests.Auth;

public class DevTokensTests
{
    [Fact]
    public async Task An_issued_token_is_accepted_as_who_it_was_issued_to()
    {
        var dev = await DevTokens.Create(SecretStore.New(), null, null, new StoppedClock());
        var token = dev.Issue(new("alice"), "Alice \"A\" Liddell", admin: true, TimeSpan.FromHours(1));
        Validate(dev, token)
            .ShouldBeAccepted()
            .ShouldBe(new(new("alice"), "Alice \"A\" Liddell", true, Now.AddHours(1)));
    }

    [Fact]
    public async Task Nobody_is_an_admin_by_accident()
    {
        var dev = await DevTokens.Create(SecretStore.New(), null, null, new StoppedClock());
        var identity = Validate(dev, dev.Issue(new("bob"), null, admin: false, TimeSpan.FromSeconds(1)))
            .ShouldBeAccepted();
        (identity.Name, identity.IsAdmin).ShouldBe(("bob", false));
    }

    [Fact]
    public async Task A_negative_ttl_gives_an_expired_token()
    {
        var dev = await DevTokens.Create(SecretStore.New(), null, null, new StoppedClock());
        var token = dev.Issue(new("alice"), null, admin: false, TimeSpan.FromSeconds(-1));
        Validate(dev, token).ShouldBe(new TokenResult.Expired(Now.AddSeconds(-1)));
    }

    [Fact]
    public async Task The_longest_and_the_shortest_ttl_are_dates_too()
    {
        var dev = await DevTokens.Create(SecretStore.New(), null, null, new StoppedClock());
        Validate(dev, dev.Issue(new("alice"), null, admin: false, TimeSpan.MaxValue)).ShouldBeAccepted();
        Validate(dev, dev.Issue(new("alice"), null, admin: false, TimeSpan.MinValue))
            .ShouldBeOfType<TokenResult.Expired>();
    }

    [Fact]
    public async Task A_token_survives_a_restart()
    {
        var store = SecretStore.New();
        var before = await DevTokens.Create(store, null, null, new StoppedClock());
        var token = before.Issue(new("alice"), null, admin: false, TimeSpan.FromHours(1));
        Validate(await DevTokens.Create(store, null, null, new StoppedClock()), token).ShouldBeAccepted();
    }

    [Fact]
    public async Task Another_services_token_is_refused()
    {
        var mine = await DevTokens.Create(SecretStore.New(), null, null, new StoppedClock());
        var other = await DevTokens.Create(SecretStore.New(), null, null, new StoppedClock());
        Validate(mine, other.Issue(new("alice"), null, admin: true, TimeSpan.FromHours(1))).ShouldBeRefused();
    }

    [Fact]
    public async Task It_shows_the_issuer_and_audience_that_are_asked_for()
    {
        var dev = await DevTokens.Create(SecretStore.New(), "chat", "calls", new StoppedClock());
        var token = dev.Issue(new("alice"), null, admin: false, TimeSpan.FromHours(1));
        new TokenValidator([dev.Key], "chat", "calls", new StoppedClock()).Validate(token).ShouldBeAccepted();
        new TokenValidator([dev.Key], "shop", "calls", new StoppedClock()).Validate(token).ShouldBeRefused();
    }

    private static TokenResult Validate(DevTokens dev, string token) =>
        new TokenValidator([dev.Key], null, null, new StoppedClock()).Validate(token);

    /// <summary>A store that knows secrets and nothing else.</summary>
    public class SecretStore : DispatchProxy
    {
        private readonly Dictionary<string, byte[]> _secrets = new(StringComparer.Ordinal);

        public static ICallStore New() => Create<ICallStore, SecretStore>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            targetMethod!.Name.ShouldBe(nameof(ICallStore.GetOrAddSecret));
            var (name, candidate) = ((string)args![0]!, (byte[])args[1]!);
            _secrets.TryAdd(name, candidate);
            return new ValueTask<byte[]>(_secrets[name]);
        }
    }
}
