using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>A disk that is slow, full or broken.</summary>
public sealed class EmbeddedFaultTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FaultyDisk _disk = new();
    private EmbeddedStore _store = null!;

    public Task InitializeAsync()
    {
        _store = Open(new EmbeddedOptions { Path = _folder.Path, QueueCapacity = 10 });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_acknowledged_or_readable_before_the_flush()
    {
        _disk.FlushGoesOn.Reset();
        var put = Put("a");
        await Eventually.Holds(() => Task.FromResult(_disk.Flushes == 2), "the commit has been written and is flushed");

        put.IsCompleted.ShouldBeFalse();
        (await _store.GetChannel(new ChannelId("a"))).ShouldBeNull();

        _disk.FlushGoesOn.Set();
        await put;
        (await _store.GetChannel(new ChannelId("a"))).ShouldNotBeNull();
    }

    [Fact]
    public async Task All_that_waits_is_flushed_together()
    {
        _disk.FlushGoesOn.Reset();
        var first = Put("first");
        await Eventually.Holds(() => Task.FromResult(_disk.Flushes == 2), "the first is at the disk");
        var rest = Enumerable.Range(0, 9).Select(i => Put($"{i}")).ToList();

        _disk.FlushGoesOn.Set();
        await Task.WhenAll([first, .. rest]);

        _disk.Flushes.ShouldBe(3, "one for the file, one for the first, one for the nine others");
    }

    [Fact]
    public async Task A_decision_sees_what_was_decided_before_it_though_it_is_not_durable_yet()
    {
        _disk.FlushGoesOn.Reset();
        var channel = new ChannelId("dm");
        var appends = Enumerable
            .Range(0, 5)
            .Select(i => _store.Append(Appends.Opening(channel, new CallId($"call-{i}"))).AsTask())
            .ToList();
        _disk.FlushGoesOn.Set();

        var results = await Task.WhenAll(appends);

        results.Select(r => r.Outcome).ShouldBe([AppendOutcome.Ok, .. Enumerable.Repeat(AppendOutcome.AlreadyOpen, 4)]);
    }

    [Fact]
    public async Task Too_many_waiting_are_refused_at_once()
    {
        _disk.FlushGoesOn.Reset();
        var first = Put("first");
        await Eventually.Holds(() => Task.FromResult(_disk.Flushes == 2), "the first is at the disk");
        var waiting = Enumerable.Range(0, 10).Select(i => Put($"{i}")).ToList();

        await Should.ThrowAsync<StoreUnavailableException>(() => Put("one too many"));

        _disk.FlushGoesOn.Set();
        await Task.WhenAll([first, .. waiting]);
    }

    [Fact]
    public async Task A_full_disk_fails_what_waits_and_leaves_nothing_half_done()
    {
        await Put("before");
        _disk.WriteFails = () => true;

        await Should.ThrowAsync<StoreUnavailableException>(() => Put("lost"));
        (await _store.IsHealthy()).ShouldBeFalse();
        (await _store.GetChannel(new ChannelId("before"))).ShouldNotBeNull();
        (await _store.GetChannel(new ChannelId("lost"))).ShouldBeNull();

        _disk.WriteFails = () => false;
        (await _store.IsHealthy()).ShouldBeTrue();
        await Put("after");
        await ShouldHoldAfterRestart(there: ["before", "after"], gone: ["lost"]);
    }

    [Fact]
    public async Task A_flush_that_failed_is_not_tried_again_on_the_same_bytes()
    {
        await Put("before");
        var fails = 1;
        _disk.FlushFails = () => fails-- > 0;

        await Should.ThrowAsync<StoreUnavailableException>(() => Put("lost"));

        await Put("after");
        await ShouldHoldAfterRestart(there: ["before", "after"], gone: ["lost"]);
    }

    [Fact]
    public async Task While_it_is_not_known_what_the_disk_holds_nothing_is_answered()
    {
        await Put("before");
        _disk.FlushFails = () => true;
        _disk.TruncateFails = () => true;
        await Should.ThrowAsync<StoreUnavailableException>(() => Put("unknown"));

        await Should.ThrowAsync<StoreUnavailableException>(async () =>
            await _store.GetChannel(new ChannelId("before"))
        );
        await Should.ThrowAsync<StoreUnavailableException>(() => Put("refused"));
        (await _store.IsHealthy()).ShouldBeFalse();

        _disk.FlushFails = _disk.TruncateFails = () => false;
        (await _store.IsHealthy()).ShouldBeTrue();
        (await _store.GetChannel(new ChannelId("before"))).ShouldNotBeNull();
        await ShouldHoldAfterRestart(there: ["before"], gone: ["unknown", "refused"]);
    }

    [Fact]
    public async Task A_call_that_could_not_be_opened_can_be_opened_afterwards()
    {
        var opening = Appends.Opening(new ChannelId("dm"), new CallId("call"));
        var fails = 1;
        _disk.WriteFails = () => fails-- > 0;
        await Should.ThrowAsync<StoreUnavailableException>(async () => await _store.Append(opening));

        (await _store.FindOpen(new ChannelId("dm"))).ShouldBeNull();
        (await _store.Append(opening)).Outcome.ShouldBe(AppendOutcome.Ok);
    }

    [Fact]
    public async Task A_closed_store_refuses()
    {
        await _store.DisposeAsync();

        await Should.ThrowAsync<StoreUnavailableException>(() => Put("late"));
        (await _store.IsHealthy()).ShouldBeFalse();
    }

    private Task Put(string id) => _store.PutChannel(new Channel(new ChannelId(id), ChannelKind.Group, [])).AsTask();

    private async Task ShouldHoldAfterRestart(string[] there, string[] gone)
    {
        await _store.DisposeAsync();
        await using var again = Open(new EmbeddedOptions { Path = _folder.Path });
        again.Torn.ShouldBeNull();
        foreach (var id in there)
            (await again.GetChannel(new ChannelId(id))).ShouldNotBeNull(id);
        foreach (var id in gone)
            (await again.GetChannel(new ChannelId(id))).ShouldBeNull(id);
    }

    private EmbeddedStore Open(EmbeddedOptions options) =>
        EmbeddedStore.Open(
            options,
            new VirtualTime(),
            new Random(1),
            NullLogger.Instance,
            new EmbeddedSeams { OpenFile = _disk.Open }
        );
}
