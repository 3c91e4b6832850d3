using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

public sealed class EmbeddedSnapshotTests : IDisposable
{
    private const int SegmentBytes = 4096;

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_crash_at_any_step_of_a_snapshot_loses_nothing()
    {
        var images = new List<(string Step, TemporaryFolder Folder, int Acknowledged)>();
        var acknowledged = 0;
        var seams = new EmbeddedSeams
        {
            Step = step =>
            {
                var count = Volatile.Read(ref acknowledged);
                lock (images)
                    images.Add((step, _folder.Image(), count));
            },
        };
        await using (var store = Open(_folder, seams))
            for (; acknowledged < 200; acknowledged++)
                await store.PutChannel(Numbered(acknowledged));

        images.Select(i => i.Step).Distinct().Count().ShouldBe(6);
        foreach (var (step, folder, count) in images)
        {
            await ShouldHold(folder, count, step);
            await ShouldHold(folder, count, $"{step}, and started twice");
            folder.Dispose();
        }
    }

    [Fact]
    public async Task A_snapshot_torn_at_any_byte_before_it_got_its_name_is_ignored()
    {
        TemporaryFolder? flushed = null;
        var acknowledged = 0;
        var seams = new EmbeddedSeams
        {
            Step = step => flushed ??= step == "snapshot flushed" ? _folder.Image() : null,
        };
        await using (var store = Open(_folder, seams))
            for (; flushed is null; acknowledged++)
                await store.PutChannel(Numbered(acknowledged));

        var temporary = Directory.GetFiles(flushed.Path, "snapshot-*.tmp").Single();
        for (var length = new FileInfo(temporary).Length; length >= 0; length -= 97)
        {
            using var image = flushed.Image();
            using (var file = File.OpenWrite(image.File(Path.GetFileName(temporary))))
                file.SetLength(length);
            await ShouldHold(image, atLeast: 1, $"cut at {length}");
            Directory.GetFiles(image.Path, "*.tmp").ShouldBeEmpty();
        }
        flushed.Dispose();
    }

    [Fact]
    public async Task A_damaged_snapshot_refuses_to_start_and_is_named()
    {
        await Fill(_folder, 100);
        var snapshot = Directory.GetFiles(_folder.Path, "snapshot-*").Single();
        var bytes = File.ReadAllBytes(snapshot);
        bytes[^20] ^= 1;
        File.WriteAllBytes(snapshot, bytes);

        Should.Throw<StoreStartException>(() => Open(_folder)).Message.ShouldContain(snapshot);
    }

    [Fact]
    public async Task A_missing_segment_refuses_to_start_and_is_named()
    {
        await Fill(_folder, 100);
        var segment = Directory.GetFiles(_folder.Path, "journal-*").Order().First();
        File.Delete(segment);

        Should.Throw<StoreStartException>(() => Open(_folder)).Message.ShouldContain(segment);
    }

    [Fact]
    public async Task A_tail_torn_in_an_earlier_segment_is_damage()
    {
        using var image = await ImageAt("segment begun");
        var segments = Directory.GetFiles(image.Path, "journal-*").Order().ToList();
        // The second one as if it had been written to.
        File.Copy(segments[0], segments[1], overwrite: true);
        using (var file = File.OpenWrite(segments[0]))
            file.SetLength(file.Length - 3);

        Should.Throw<StoreStartException>(() => Open(image)).Message.ShouldContain(segments[0]);
    }

    [Fact]
    public async Task A_segment_that_was_begun_but_never_written_does_not_end_the_one_before()
    {
        using var image = await ImageAt("segment begun");
        var first = Directory.GetFiles(image.Path, "journal-*").Order().First();
        using (var file = File.OpenWrite(first))
            file.SetLength(file.Length - 3); // written on after the new one could not be begun, then torn

        await using var store = Open(image);

        store.Torn.ShouldNotBeNull().File.ShouldBe(first);
    }

    [Fact]
    public async Task The_folder_does_not_grow_with_what_is_over()
    {
        await using var store = Open(_folder);
        for (var i = 0; i < 500; i++)
        {
            var (channel, call) = (new ChannelId("dm"), new CallId($"call-{i}"));
            var outcome = new CommandOutcome(new UserId("alice"), new CommandId($"c{i}"), new byte[100]);
            await store.Append(Appends.Opening(channel, call, count: 5) with { Closes = true, Outcome = outcome });
            _time.Advance(TimeSpan.FromHours(12));
        }

        await Eventually.Holds(
            async () =>
            {
                await store.PutChannel(Numbered(0)); // a commit looks whether the disk has caught up
                return _folder.Size() < 10 * SegmentBytes;
            },
            "old segments are removed"
        );
        (await store.Read(new ChannelId("dm"), new CallId("call-499"))).Count.ShouldBe(5);
        (await store.Read(new ChannelId("dm"), new CallId("call-490"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_over_goes_at_its_time_over_snapshots_and_restarts_too()
    {
        var (channel, call) = (new ChannelId("dm"), new CallId("call"));
        var (alice, command) = (new UserId("alice"), new CommandId("c"));
        await using (var store = Open(_folder))
            await store.Append(
                Appends.Opening(channel, call) with
                {
                    Closes = true,
                    Outcome = new CommandOutcome(alice, command, [1]),
                }
            );
        await Fill(_folder, 100);

        _time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromTicks(1));
        await using (var store = Open(_folder))
        {
            (await store.FindOutcome(channel, alice, command)).ShouldBe([1]);
            _time.Advance(TimeSpan.FromTicks(1));
            (await store.FindOutcome(channel, alice, command)).ShouldBeNull();
            _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(15) - TimeSpan.FromTicks(1));
            (await store.Read(channel, call)).Count.ShouldBe(1);
        }
        await using (var store = Open(_folder))
        {
            (await store.Read(channel, call)).Count.ShouldBe(1);
            _time.Advance(TimeSpan.FromTicks(1));
            (await store.Read(channel, call)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_long_journal_comes_through_snapshots_whole_and_its_call_lives_on()
    {
        var opening = Appends.Opening(new ChannelId("dm"), new CallId("call"), count: 9);
        await using (var store = Open(_folder))
        {
            var last = opening;
            var open = (await store.Append(opening)).Open!;
            for (var i = 0; i < 300; i++)
            {
                last = Appends.Next(open, last, [.. Enumerable.Range(0, 10).Select(n => new[] { (byte)n })]);
                open = (await store.Append(last)).Open!;
            }
        }

        await using var again = Open(_folder);

        (await again.Read(opening.Channel, opening.Call))
            .Select(e => e.Version)
            .ShouldBe(Enumerable.Range(1, 3009).Select(v => (long)v));
        (await again.FindOpen(opening.Channel))!.Version.ShouldBe(3009);
        Directory.GetFiles(_folder.Path, "journal-*").Length.ShouldBeLessThan(5);
    }

    private static Channel Numbered(int number) => new(new ChannelId($"channel-{number}"), ChannelKind.Group, []);

    private async Task Fill(TemporaryFolder folder, int count)
    {
        await using var store = Open(folder);
        for (var i = 0; i < count; i++)
            await store.PutChannel(Numbered(i));
    }

    private async Task<TemporaryFolder> ImageAt(string wanted)
    {
        TemporaryFolder? image = null;
        var seams = new EmbeddedSeams { Step = step => image ??= step == wanted ? _folder.Image() : null };
        await using var store = Open(_folder, seams);
        for (var i = 0; image is null; i++)
            await store.PutChannel(Numbered(i));
        return image;
    }

    private async Task ShouldHold(TemporaryFolder folder, int atLeast, string when)
    {
        await using var store = Open(folder);
        for (var i = 0; i < atLeast; i++)
            (await store.GetChannel(new ChannelId($"channel-{i}"))).ShouldNotBeNull($"{i} of {atLeast} after {when}");
    }

    private EmbeddedStore Open(TemporaryFolder folder, EmbeddedSeams? seams = null) =>
        EmbeddedStore.Open(
            new EmbeddedOptions { Path = folder.Path, SegmentBytes = SegmentBytes },
            _time,
            new Random(1),
            NullLogger.Instance,
            seams ?? new EmbeddedSeams()
        );
}
