using Calls.TestKit;

namespace Calls.Actors.Tests.Persistence;

/// <summary>One server for all the tests of a class that do it no harm.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await RedisServer.Start();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
