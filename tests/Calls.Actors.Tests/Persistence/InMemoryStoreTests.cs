using Calls.Actors.Persistence;
using Calls.TestKit;

namespace Calls.Actors.Tests.Persistence;

/// <summary>The model that the other stores are compared with does itself what it should.</summary>
public sealed class InMemoryStoreTests : StoreConformance
{
    private readonly VirtualTime _time = new();

    protected override Task<ICallStore> OpenStore() =>
        Task.FromResult<ICallStore>(new InMemoryStore(_time, new Random(1)));

    protected override async Task PassRetention(Func<Task<bool>> gone)
    {
        (await gone()).ShouldBeFalse();
        _time.Advance(new StoreOptions().EndedRetention);
    }
}
