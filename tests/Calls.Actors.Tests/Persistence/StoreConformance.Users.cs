using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What belongs to a user.</summary>
public abstract partial class StoreConformance
{
    /// <summary>Users of this test's own.</summary>
    private readonly UserId _ann = new("ann-" + Appends.NewTag());
    private readonly UserId _ben = new("ben-" + Appends.NewTag());

    [Fact]
    public async Task Settings_are_the_default_until_they_are_put_and_then_what_was_put_last()
    {
        ShouldBeSame(await _store.GetSettings(_ann), CallSettings.Default);

        var quiet = new CallSettings(Notifications.Quiet, [_ben, new UserId("carol")]);
        await _store.PutSettings(_ann, quiet);
        ShouldBeSame(await _store.GetSettings(_ann), quiet);
        ShouldBeSame(await _store.GetSettings(_ben), CallSettings.Default);

        var undisturbed = new CallSettings(Notifications.DoNotDisturb, []);
        await _store.PutSettings(_ann, undisturbed);
        ShouldBeSame(await _store.GetSettings(_ann), undisturbed);
    }

    [Fact]
    public async Task Settings_hold_as_many_blocks_as_one_may_have()
    {
        var most = new CallSettings(
            Notifications.Normal,
            [
                .. Enumerable
                    .Range(0, CallSettings.MaxBlocked)
                    .Select(i => new UserId($"{i}".PadLeft(IdSyntax.MaxLength, 'x'))),
            ]
        );

        await _store.PutSettings(_ann, most);

        ShouldBeSame(await _store.GetSettings(_ann), most);
    }

    [Fact]
    public async Task A_dismissal_is_found_with_its_user_and_channel_and_the_later_one_counts()
    {
        var other = new ChannelId(_channel + "-2");
        var first = new Dismissal(_channel, _call, Now);
        var later = first with { RingDeadline = Now.AddSeconds(90) };
        var elsewhere = new Dismissal(other, new CallId("call-2"), Now);

        (await _store.GetDismissals(_channel, [_ann, _ben])).ShouldBeEmpty();
        await _store.PutDismissal(_ann, first);
        await _store.PutDismissal(_ann, later);
        await _store.PutDismissal(_ann, later);
        await _store.PutDismissal(_ben, elsewhere);

        (await _store.GetDismissals(_channel, [_ann, _ben, _ann])).ShouldBe([
            new KeyValuePair<UserId, Dismissal>(_ann, later),
        ]);
        (await _store.GetDismissals(other, [_ann, _ben])).ShouldBe([
            new KeyValuePair<UserId, Dismissal>(_ben, elsewhere),
        ]);
        (await _store.GetDismissals(_channel, [])).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dismissal_goes_with_the_note_of_the_live_call_in_its_channel()
    {
        var other = new ChannelId(_channel + "-2");
        var (here, there) = (new Dismissal(_channel, _call, Now), new Dismissal(other, _call, Now));
        await _store.AddLive(_channel, [_ann, _ben]);
        await _store.PutDismissal(_ann, here);
        await _store.PutDismissal(_ann, there);
        await _store.PutDismissal(_ben, here);

        await _store.RemoveLive(_channel, [_ann]);

        (await _store.GetDismissals(_channel, [_ann, _ben])).Keys.ShouldBe([_ben]);
        (await _store.GetDismissals(other, [_ann])).Keys.ShouldBe([_ann]);
    }

    [Fact]
    public async Task A_dismissal_goes_even_if_no_live_call_was_noted()
    {
        await _store.PutDismissal(_ann, new Dismissal(_channel, _call, Now));

        await _store.RemoveLive(_channel, [_ann]);

        (await _store.GetDismissals(_channel, [_ann])).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_kept_of_a_user_does_not_touch_each_other()
    {
        var current = new CurrentCall(_channel, _call, new SessionId("s"), null);
        await _store.PutSettings(_ann, new CallSettings(Notifications.Quiet, []));
        await _store.PutDismissal(_ann, new Dismissal(_channel, _call, Now));
        await _store.AddLive(_channel, [_ann]);
        await _store.SwapCurrentCall(_ann, null, current);
        await _store.PutUserCall(_ann, UserCall("a", 0, null));

        (await _store.LiveChannels(_ann)).ShouldBe([_channel]);
        await _store.RemoveLive(_channel, [_ann]);

        (await _store.GetSettings(_ann)).Notifications.ShouldBe(Notifications.Quiet);
        (await _store.GetCurrentCall(_ann)).ShouldBe(current);
        (await _store.ListUserCalls(_ann, UserCallFilter.All, null, 9)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_users_call_is_kept_as_it_was_put()
    {
        var call = new UserCall(
            _call,
            _channel,
            _ben,
            "Bén \"B\" 🦊",
            CallMedia.Video,
            Now.AddMilliseconds(-1),
            MissedMark.Unseen
        );
        var another = call with { Call = new CallId("another"), Missed = null, InitiatorName = "" };

        await _store.PutUserCall(_ann, call);
        await _store.PutUserCall(_ben, another);

        (await _store.ListUserCalls(_ann, UserCallFilter.All, null, 10)).ShouldBe([call]);
        (await _store.ListUserCalls(_ben, UserCallFilter.All, null, 10)).ShouldBe([another]);
    }

    [Fact]
    public async Task A_call_put_again_takes_the_place_of_the_one_before()
    {
        await _store.PutUserCall(_ann, UserCall("b", 1, null));
        await _store.PutUserCall(_ann, UserCall("a", 0, null));
        await _store.PutUserCall(_ann, UserCall("a", 0, null));
        (await Calls(UserCallFilter.All)).ShouldBe(["a", "b"]);

        await _store.PutUserCall(_ann, UserCall("a", 0, MissedMark.Unseen));
        (await Calls(UserCallFilter.Unseen)).ShouldBe(["a"]);
        await _store.PutUserCall(_ann, UserCall("a", 0, MissedMark.Seen));
        (await Calls(UserCallFilter.Unseen)).ShouldBeEmpty();
        (await Calls(UserCallFilter.Missed)).ShouldBe(["a"]);
        await _store.PutUserCall(_ann, UserCall("a", 0, null));
        (await Calls(UserCallFilter.Missed)).ShouldBeEmpty();

        await _store.PutUserCall(_ann, UserCall("a", 2, MissedMark.Unseen));
        (await Calls(UserCallFilter.All)).ShouldBe(["b", "a"], "it has moved");
        (await Calls(UserCallFilter.Unseen)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_users_calls_are_listed_newest_first_page_by_page_whatever_the_filter()
    {
        // Of the same instant there are seen, unseen and unmissed ones.
        foreach (var name in new[] { "b1", "c0", "a1", "a0", "B1", "d1", "a2", "e1" })
            await _store.PutUserCall(_ann, UserCall(name, name[1], Mark(name)));
        string[] all = ["c0", "a0", "e1", "d1", "b1", "a1", "B1", "a2"];

        foreach (var filter in Enum.GetValues<UserCallFilter>())
        {
            var expected = all.Where(name => Fits(Mark(name), filter)).ToArray();
            expected.Length.ShouldBeGreaterThan(2);
            (await Calls(filter)).ShouldBe(expected);
            (await Calls(filter, pages: 1)).ShouldBe(expected);
            (await Calls(filter, pages: 2)).ShouldBe(expected);
            foreach (var before in all)
                (await Calls(filter, new CallId(before))).ShouldBe(
                    all.SkipWhile(name => name != before).Skip(1).Where(name => Fits(Mark(name), filter)),
                    $"{filter} behind {before}"
                );
            (await Calls(filter, new CallId("nobody"))).ShouldBeEmpty();
            (await _store.ListUserCalls(_ann, filter, null, 0)).ShouldBeEmpty();
        }

        static MissedMark? Mark(string name) =>
            name[0] switch
            {
                'a' or 'd' => MissedMark.Unseen,
                'b' => MissedMark.Seen,
                _ => null,
            };
        static bool Fits(MissedMark? mark, UserCallFilter filter) =>
            filter == UserCallFilter.All
            || mark == MissedMark.Unseen
            || (filter, mark) is (UserCallFilter.Missed, not null);
    }

    [Fact]
    public async Task Marking_calls_seen_leaves_the_others_unseen_and_counts_them()
    {
        (await _store.MarkSeen(_ann, null)).ShouldBe(0);
        (await _store.MarkSeen(_ann, [])).ShouldBe(0);
        foreach (var name in new[] { "a", "b", "c" })
            await _store.PutUserCall(_ann, UserCall(name, name[0], MissedMark.Unseen));
        await _store.PutUserCall(_ann, UserCall("joined", 0, null));
        await _store.PutUserCall(_ben, UserCall("a", 0, MissedMark.Unseen));

        (await _store.MarkSeen(_ann, [])).ShouldBe(3);
        (await _store.MarkSeen(_ann, [new("a"), new("nobody"), new("joined"), new("a")])).ShouldBe(2);

        (await Calls(UserCallFilter.Unseen)).ShouldBe(["b", "c"]);
        (await Calls(UserCallFilter.Missed)).ShouldBe(["a", "b", "c"], "seen ones too");
        (await Calls(UserCallFilter.Unseen, new CallId("a"))).ShouldBe(["b", "c"], "behind one seen meanwhile");
        (await _store.MarkSeen(_ann, null)).ShouldBe(0);
        (await _store.MarkSeen(_ann, null)).ShouldBe(0);
        (await Calls(UserCallFilter.Unseen)).ShouldBeEmpty();
        var joined = (await _store.ListUserCalls(_ann, UserCallFilter.All, null, 10))[0];
        joined.Missed.ShouldBeNull("what was not missed is not seen either");
        (await _store.MarkSeen(_ben, [])).ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_users_calls_the_newest_are_kept()
    {
        for (var i = 0; i < Options.HistoryPerUser + 3; i++)
            await _store.PutUserCall(_ann, UserCall($"call-{i:00}", 100 - i, MissedMark.Unseen));
        await _store.PutUserCall(_ann, UserCall("older", 200, MissedMark.Unseen));

        var expected = Enumerable.Range(3, Options.HistoryPerUser).Reverse().Select(i => $"call-{i:00}").ToList();
        (await Calls(UserCallFilter.All)).ShouldBe(expected);
        (await Calls(UserCallFilter.Unseen)).ShouldBe(expected);
        (await _store.MarkSeen(_ann, [])).ShouldBe(Options.HistoryPerUser);
    }

    [Fact]
    public async Task A_users_call_goes_when_its_time_is_over()
    {
        var retention = Options.HistoryRetention.TotalSeconds;
        await _store.PutUserCall(_ann, UserCall("gone", retention, MissedMark.Unseen));
        await _store.PutUserCall(_ann, UserCall("going", retention - Soon.TotalSeconds, MissedMark.Unseen));
        await _store.PutUserCall(_ann, UserCall("staying", 0, MissedMark.Unseen));
        (await _store.MarkSeen(_ann, [])).ShouldBe(2);

        await Pass(Soon, async () => await _store.MarkSeen(_ann, []) == 1);

        (await _store.MarkSeen(_ann, [])).ShouldBe(1);
        foreach (var filter in Enum.GetValues<UserCallFilter>())
            (await Calls(filter)).ShouldBe(["staying"]);
        await _store.PutUserCall(_ann, UserCall("next", -1, null));
        (await Calls(UserCallFilter.All)).ShouldBe(["next", "staying"]);
    }

    private UserCall UserCall(string call, double secondsAgo, MissedMark? missed) =>
        new(new CallId(call), _channel, _ben, "Ben", CallMedia.Audio, Now.AddSeconds(-secondsAgo), missed);

    private async Task<List<string>> Calls(UserCallFilter filter, CallId? before = null, int pages = 1000)
    {
        List<string> ids = [];
        while (await _store.ListUserCalls(_ann, filter, before, pages) is { Count: > 0 } page)
        {
            page.Count.ShouldBeLessThanOrEqualTo(pages);
            ids.AddRange(page.Select(c => c.Call.Value));
            before = page[^1].Call;
        }
        return ids;
    }

    private static void ShouldBeSame(CallSettings actual, CallSettings expected)
    {
        actual.Notifications.ShouldBe(expected.Notifications);
        actual.Blocked.ShouldBe(expected.Blocked);
    }
}
