using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

public sealed class EmbeddedStoreTests : StoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    protected override Task<ICallStore> OpenStore() =>
        Task.FromResult<ICallStore>(
            EmbeddedStore.Open(
                new EmbeddedOptions { Path = _folder.Path, Store = Options },
                _time,
                new Random(1),
                NullLogger.Instance
            )
        );

    protected override DateTimeOffset Now { get; } = new VirtualTime().GetUtcNow();

    protected override Task PassRetention(Func<Task<bool>> gone) => Pass(Options.EndedRetention, gone);

    protected override async Task Pass(TimeSpan time, Func<Task<bool>> gone)
    {
        (await gone()).ShouldBeFalse();
        _time.Advance(time);
        (await gone()).ShouldBeTrue();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
