using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What the outbox on the disk goes through.</summary>
public sealed class EmbeddedWebhookTests : IDisposable
{
    private static readonly ChannelId Dm = new("dm");

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_waits_outlives_restarts_and_snapshots_and_what_was_removed_stays_away()
    {
        await using (var store = Open())
        {
            for (var i = 0; i < 200; i++)
            {
                await store.PutWebhooks(Dm, [Message($"{i}")]);
                if (i % 10 > 0)
                    await store.RemoveWebhooks(0, [(await store.ListWebhooks(0, null, 1000))[^1].Key]);
            }
        }

        await using var again = Open();

        var waiting = await again.ListWebhooks(0, null, 1000);
        waiting.Select(w => w.Message.Id).ShouldBe(Enumerable.Range(0, 20).Select(i => $"{10 * i}"));
        Directory.GetFiles(_folder.Path, "snapshot-*").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task After_a_failed_write_no_key_is_given_twice()
    {
        var disk = new FaultyDisk();
        await using var store = Open(disk);
        await store.PutWebhooks(Dm, [Message("1")]);
        var first = (await store.ListWebhooks(0, null, 10)).Single().Key;
        await store.RemoveWebhooks(0, [first]);

        disk.WriteFails = () => true;
        await Should.ThrowAsync<StoreUnavailableException>(async () => await store.PutWebhooks(Dm, [Message("2")]));
        disk.WriteFails = () => false;
        await store.PutWebhooks(Dm, [Message("3")]);

        (await store.ListWebhooks(0, first, 10)).Select(w => w.Message.Id).ShouldBe(["3"]);
    }

    [Fact]
    public async Task A_log_from_before_there_were_webhooks_is_read()
    {
        var line =
            """{"t":"append","channel":"dm","call":"c","entries":[{"version":1,"tag":"t1","payload":"AQ=="}],"open":{"channel":"dm","call":"c","home":"n","fence":{"epoch":1,"nonce":"x"},"version":1}}"""u8;
        byte[] frame = [.. new byte[Frame.HeaderSize], .. line];
        Frame.Seal(frame);
        await File.WriteAllBytesAsync(_folder.File("journal-0000000001"), [.. Frame.FileHeader(), .. frame]);

        await using var store = Open();

        (await store.FindOpen(Dm))!.Version.ShouldBe(1);
        (await store.ListWebhooks(0, null, 10)).ShouldBeEmpty();
    }

    private static WebhookMessage Message(string id) =>
        new("here", id, new CallId("call"), DateTimeOffset.UnixEpoch, [1]);

    private EmbeddedStore Open(FaultyDisk? disk = null) =>
        EmbeddedStore.Open(
            new EmbeddedOptions { Path = _folder.Path, SegmentBytes = 4096 },
            _time,
            new Random(1),
            NullLogger.Instance,
            disk is null ? new EmbeddedSeams() : new EmbeddedSeams { OpenFile = disk.Open }
        );
}
