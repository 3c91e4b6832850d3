using Calls.Actors.Persistence;
using Calls.TestKit;

namespace Calls.Actors.Tests.Persistence;

/// <summary>The model that the other stores are compared with does itself what it should.</summary>
public sealed class InMemoryStoreTests : StoreConformance
{
    private readonly VirtualTime _time = new();

    protected override Task<ICallStore> OpenStore() =>
        Task.FromResult<ICallStore>(new InMemoryStore(_time, new Random(1), Options));

    protected override DateTimeOffset Now { get; } = new VirtualTime().GetUtcNow();

    protected override Task PassRetention(Func<Task<bool>> gone) => Pass(Options.EndedRetention, gone);

    protected override async Task Pass(TimeSpan time, Func<Task<bool>> gone)
    {
        (await gone()).ShouldBeFalse();
        _time.Advance(time);
        (await gone()).ShouldBeTrue();
    }
}
