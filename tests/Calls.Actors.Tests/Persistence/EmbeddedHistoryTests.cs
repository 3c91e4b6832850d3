using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.Protocol;
using Calls.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What belongs to users and what is over, on the disk: over restarts, crashes, snapshots and years.</summary>
public sealed class EmbeddedHistoryTests : IDisposable
{
    private static readonly ChannelId Channel = new("dm-1");
    private static readonly CallId Call = new("call-1");
    private static readonly UserId Alice = new("alice");
    private static readonly UserId Bob = new("bob");

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(64 << 20)] // the log alone
    [InlineData(256)] // hardly a log, but snapshots
    public async Task Everything_is_there_again_after_a_restart(int segmentBytes)
    {
        var now = _time.GetUtcNow();
        var blocked = new CallSettings(Notifications.DoNotDisturb, [Bob, new UserId("carol")]);
        var dismissal = new Dismissal(Channel, Call, now.AddSeconds(90));
        UserCall[] calls =
        [
            UserCall("c", now, MissedMark.Unseen),
            UserCall("b", now, null),
            UserCall("a", now.AddSeconds(-1), MissedMark.Seen),
        ];
        var settled = new CallId("call-0");
        await using (var store = Open(_folder, segmentBytes))
        {
            await Close(store, settled, now);
            await Close(store, Call, now.AddSeconds(1));
            await store.Settle(Channel, settled);
            await store.PutSettings(Alice, blocked with { Notifications = Notifications.Quiet });
            await store.PutSettings(Alice, blocked);
            await store.PutDismissal(Alice, dismissal);
            await store.PutDismissal(Bob, dismissal);
            await store.RemoveLive(Channel, [Bob]);
            foreach (var call in calls)
                await store.PutUserCall(Alice, call with { Missed = call.Missed is null ? null : MissedMark.Unseen });
            await store.MarkSeen(Alice, [new CallId("a")]);
            await store.PutUserCall(Bob, calls[0]);
            await store.MarkSeen(Bob, null);
            for (var i = 0; i < 10; i++)
                await store.PutChannel(new Channel(new ChannelId($"more-{i}"), ChannelKind.Group, []));
        }
        (Directory.GetFiles(_folder.Path, "snapshot-*").Length > 0).ShouldBe(segmentBytes < 1000);

        await using var again = Open(_folder, segmentBytes);

        (await again.ListHistory(Channel, null, 10)).Select(e => e.Call).ShouldBe([Call, settled]);
        (await again.FindHistory(Channel, Call))!.Payload.ShouldBe([1, 2, 3]);
        (await again.ListUnsettled()).ShouldBe([new UnsettledCall(Channel, Call)]);
        (await again.GetSettings(Alice)).Notifications.ShouldBe(Notifications.DoNotDisturb);
        (await again.GetSettings(Alice)).Blocked.ShouldBe(blocked.Blocked);
        (await again.GetDismissals(Channel, [Alice, Bob])).ShouldBe([
            new KeyValuePair<UserId, Dismissal>(Alice, dismissal),
        ]);
        (await again.ListUserCalls(Alice, UserCallFilter.All, null, 10)).ShouldBe(calls);
        (await again.ListUserCalls(Bob, UserCallFilter.All, null, 10)).ShouldBe([
            calls[0] with
            {
                Missed = MissedMark.Seen,
            },
        ]);
    }

    [Fact]
    public async Task An_end_torn_at_any_byte_has_not_been_and_leaves_no_history()
    {
        long before;
        await using (var store = Open(_folder))
        {
            var opening = Appends.Opening(Channel, Call);
            var open = (await store.Append(opening)).Open!;
            before = Segment(_folder).Length;
            var history = new HistoryEntry(Call, _time.GetUtcNow(), [1]);
            await store.Append(Appends.Next(open, opening) with { Closes = true, History = history });
        }
        var whole = Segment(_folder).Length;

        for (var length = before; length <= whole; length++)
        {
            using var image = _folder.Image();
            using (var file = Segment(image).OpenWrite())
                file.SetLength(length);
            await using var store = Open(image);
            var ended = length == whole;
            (await store.FindOpen(Channel) is null).ShouldBe(ended, $"cut at {length} of {whole}");
            (await store.FindHistory(Channel, Call) is not null).ShouldBe(ended, $"cut at {length} of {whole}");
            (await store.ListUnsettled()).Count.ShouldBe(ended ? 1 : 0, $"cut at {length} of {whole}");
        }
    }

    [Fact]
    public async Task What_changes_nothing_is_not_written()
    {
        await using var store = Open(_folder);
        await Close(store, Call, _time.GetUtcNow());
        await store.Settle(Channel, Call);
        var dismissal = new Dismissal(Channel, Call, _time.GetUtcNow());
        await store.PutDismissal(Alice, dismissal);
        var call = UserCall("a", _time.GetUtcNow(), MissedMark.Unseen);
        await store.PutUserCall(Alice, call);
        await store.PutUserCall(Bob, call);
        await store.MarkSeen(Bob, null);
        var before = Segment(_folder).Length;

        await store.Settle(Channel, Call);
        await store.PutDismissal(Alice, dismissal);
        await store.PutUserCall(Alice, call);
        await store.MarkSeen(Alice, [new CallId("nobody")]);
        await store.MarkSeen(Bob, null);

        Segment(_folder).Length.ShouldBe(before);
    }

    [Fact]
    public async Task A_shorter_retention_and_smaller_histories_hold_for_what_was_stored_before()
    {
        var now = _time.GetUtcNow();
        await using (var store = Open(_folder))
            for (var day = 0; day < 80; day++)
            {
                await Close(store, new CallId($"call-{day:00}"), now.AddDays(-day));
                await store.PutUserCall(Alice, UserCall($"call-{day:00}", now.AddDays(-day), MissedMark.Unseen));
            }

        await using (
            var shorter = Open(_folder, options: new StoreOptions { HistoryRetention = TimeSpan.FromDays(30) })
        )
        {
            (await shorter.ListHistory(Channel, null, 100)).Count.ShouldBe(30);
            (await shorter.MarkSeen(Alice, [])).ShouldBe(30);
        }
        var few = new StoreOptions { HistoryPerUser = 10, HistoryPerChannel = 20 };
        await using (var smaller = Open(_folder, options: few))
        {
            (await smaller.ListHistory(Channel, null, 100)).Count.ShouldBe(20);
            (await smaller.MarkSeen(Alice, [])).ShouldBe(10);
        }
    }

    [Fact]
    public async Task The_folder_does_not_grow_with_years_of_calls()
    {
        const int SegmentBytes = 4096;
        await using var store = Open(_folder, SegmentBytes);
        for (var day = 0; day < 1000; day++)
        {
            var call = new CallId($"call-{day}");
            await Close(store, call, _time.GetUtcNow());
            await store.Settle(Channel, call);
            await store.PutUserCall(Alice, UserCall(call.Value, _time.GetUtcNow(), MissedMark.Unseen));
            _time.Advance(TimeSpan.FromDays(1));
        }

        await Eventually.Holds(
            async () =>
            {
                // Each commit looks whether the disk has caught up.
                await store.PutChannel(new Channel(new ChannelId("more"), ChannelKind.Group, []));
                return _folder.Size() < 15 * SegmentBytes;
            },
            "what is over is gone from the disk"
        );
        (await store.ListHistory(Channel, null, 1000)).Count.ShouldBe(89);
        (await store.ListUserCalls(Alice, UserCallFilter.All, null, 1000)).Count.ShouldBe(89);
    }

    private static UserCall UserCall(string call, DateTimeOffset at, MissedMark? missed) =>
        new(new CallId(call), Channel, Bob, "Bob", CallMedia.Video, at, missed);

    private static async Task Close(EmbeddedStore store, CallId call, DateTimeOffset at)
    {
        var whole = Appends.Opening(Channel, call) with
        {
            Closes = true,
            History = new HistoryEntry(call, at, [1, 2, 3]),
        };
        (await store.Append(whole)).Outcome.ShouldBe(AppendOutcome.Ok);
    }

    private static FileInfo Segment(TemporaryFolder folder) => new(folder.File("journal-0000000001"));

    private EmbeddedStore Open(TemporaryFolder folder, int segmentBytes = 64 << 20, StoreOptions? options = null) =>
        EmbeddedStore.Open(
            new EmbeddedOptions
            {
                Path = folder.Path,
                SegmentBytes = segmentBytes,
                Store = options ?? new StoreOptions(),
            },
            _time,
            new Random(1),
            NullLogger.Instance
        );
}
