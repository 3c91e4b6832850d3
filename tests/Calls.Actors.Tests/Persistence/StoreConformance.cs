using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What every store must do: each runs all of these.</summary>
public abstract partial class StoreConformance : IAsyncLifetime
{
    private static readonly UserId Alice = new("alice");
    private static readonly UserId Bob = new("bob");

    private ICallStore _store = null!;

    /// <summary>A channel of this test's own, so that tests may share one server.</summary>
    private readonly ChannelId _channel = new("dm-" + Appends.NewTag());

    private readonly CallId _call = new("call-" + Appends.NewTag());

    /// <summary>Histories that tests can fill.</summary>
    protected static StoreOptions Options { get; } = new() { HistoryPerUser = 12, HistoryPerChannel = 12 };

    /// <summary>A time that passes while one waits for it, and not while one does a few things.</summary>
    protected static TimeSpan Soon { get; } = TimeSpan.FromSeconds(3);

    /// <summary>When the test began, by the store's clock, in whole milliseconds.</summary>
    protected abstract DateTimeOffset Now { get; }

    protected abstract Task<ICallStore> OpenStore();

    /// <summary>Lets the time pass after which what is over goes, as far as <paramref name="gone"/> says.</summary>
    protected abstract Task PassRetention(Func<Task<bool>> gone);

    /// <summary>Lets that time pass, or the part of it after which <paramref name="gone"/> is so.</summary>
    protected abstract Task Pass(TimeSpan time, Func<Task<bool>> gone);

    public async Task InitializeAsync() => _store = await OpenStore();

    public virtual async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_channel_is_kept_as_it_was_put_until_it_is_replaced_or_deleted()
    {
        var direct = new Channel(
            _channel,
            ChannelKind.Direct,
            [
                new Member(Alice, "Älice \"A\" 🦊", Permissions.Read | Permissions.Call),
                new Member(Bob, "", Permissions.None),
            ]
        );
        (await _store.GetChannel(_channel)).ShouldBeNull();

        await _store.PutChannel(direct);
        ShouldBeSame(await _store.GetChannel(_channel), direct);

        var group = new Channel(_channel, ChannelKind.Group, [new Member(Bob, "Bob", Permissions.Read)]);
        await _store.PutChannel(group);
        ShouldBeSame(await _store.GetChannel(_channel), group);

        (await _store.DeleteChannel(_channel)).ShouldBeTrue();
        (await _store.DeleteChannel(_channel)).ShouldBeFalse();
        (await _store.GetChannel(_channel)).ShouldBeNull();
    }

    [Fact]
    public async Task The_first_append_opens_the_call_and_pins_its_home()
    {
        var result = await _store.Append(Appends.Opening(_channel, _call));

        result.Outcome.ShouldBe(AppendOutcome.Ok);
        var open = result.Open.ShouldNotBeNull();
        (open.Channel, open.Call, open.Home, open.Version).ShouldBe((_channel, _call, "node-1", 1));
        open.Fence.Epoch.ShouldBe(1);
        (await _store.FindOpen(_channel)).ShouldBe(open);
        (await _store.ListOpen()).ShouldContain(open);
    }

    [Fact]
    public async Task A_second_call_cannot_open_while_one_lives()
    {
        var first = (await _store.Append(Appends.Opening(_channel, _call))).Open!;

        var second = await _store.Append(Appends.Opening(_channel, new CallId("call-other")));

        second.ShouldBe(new AppendResult(AppendOutcome.AlreadyOpen, first));
        (await _store.Read(_channel, new CallId("call-other"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Appends_that_follow_each_other_are_read_back_in_order_byte_for_byte()
    {
        var opening = Appends.Opening(_channel, _call);
        var open = (await _store.Append(opening)).Open!;
        var next = Appends.Next(
            open,
            opening,
            payloads:
            [
                [0, 255, 13, 10, 34],
                "{}"u8.ToArray(),
            ]
        );

        var result = await _store.Append(next);

        result.ShouldBe(new AppendResult(AppendOutcome.Ok, open with { Version = 3 }));
        var read = await _store.Read(_channel, _call);
        Appends.Text(read).ShouldBe(Appends.Text([.. opening.Entries, .. next.Entries]));
        (await _store.Read(_channel, _call, 3)).Select(e => e.Version).ShouldBe([3]);
        (await _store.Read(_channel, _call, 4)).ShouldBeEmpty();
        (await _store.Read(_channel, new CallId("nobody"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_append_with_a_wrong_version_or_tag_changes_nothing()
    {
        var opening = Appends.Opening(_channel, _call);
        var open = (await _store.Append(opening)).Open!;
        var next = Appends.Next(open, opening);

        var stale = await _store.Append(next with { PreviousTag = "another" });
        (await _store.Append(next)).Outcome.ShouldBe(AppendOutcome.Ok);
        var repeated = await _store.Append(next);

        stale.ShouldBe(new AppendResult(AppendOutcome.Conflict, open));
        repeated.ShouldBe(new AppendResult(AppendOutcome.Conflict, open with { Version = 2 }));
        (await _store.Read(_channel, _call)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_claim_fences_off_the_home_before()
    {
        var opening = Appends.Opening(_channel, _call);
        var open = (await _store.Append(opening)).Open!;

        var claimed = (await _store.Claim(_channel, "node-2")).ShouldNotBeNull();
        var late = await _store.Append(Appends.Next(open, opening));
        var own = await _store.Append(Appends.Next(claimed, opening));

        (claimed.Home, claimed.Version, claimed.Fence.Epoch).ShouldBe(("node-2", 1, 2));
        claimed.Fence.Nonce.ShouldNotBe(open.Fence.Nonce);
        late.ShouldBe(new AppendResult(AppendOutcome.Fenced, claimed));
        own.Outcome.ShouldBe(AppendOutcome.Ok);
        (await _store.FindOpen(_channel)).ShouldBe(claimed with { Version = 2 });
    }

    [Fact]
    public async Task Nothing_can_be_claimed_where_no_call_lives() =>
        (await _store.Claim(_channel, "node-2")).ShouldBeNull();

    [Fact]
    public async Task A_closed_call_lives_no_more_but_stays_readable()
    {
        var opening = Appends.Opening(_channel, _call);
        var open = (await _store.Append(opening)).Open!;
        var closing = Appends.Next(open, opening) with { Closes = true };

        (await _store.Append(closing)).ShouldBe(new AppendResult(AppendOutcome.Ok, null));

        (await _store.FindOpen(_channel)).ShouldBeNull();
        (await _store.ListOpen()).ShouldNotContain(o => o.Channel == _channel);
        (await _store.Read(_channel, _call)).Count.ShouldBe(2);
        (await _store.Append(Appends.Next(open with { Version = 2 }, closing))).ShouldBe(
            new AppendResult(AppendOutcome.Fenced, null)
        );
        (await _store.Append(Appends.Opening(_channel, _call))).Outcome.ShouldBe(AppendOutcome.Conflict);
        (await _store.Append(Appends.Opening(_channel, new CallId("next-" + _call)))).Outcome.ShouldBe(
            AppendOutcome.Ok
        );
    }

    [Fact]
    public async Task A_call_may_open_and_close_in_one_append()
    {
        var both = Appends.Opening(_channel, _call, count: 3) with { Closes = true };

        (await _store.Append(both)).ShouldBe(new AppendResult(AppendOutcome.Ok, null));

        (await _store.FindOpen(_channel)).ShouldBeNull();
        (await _store.Read(_channel, _call)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_outcome_of_a_command_is_kept_with_the_append_and_only_if_it_succeeds()
    {
        var (first, second) = (new CommandId("c1"), new CommandId("c2"));
        var opening = Appends.Opening(_channel, _call) with { Outcome = new CommandOutcome(Alice, first, [1, 0]) };
        var open = (await _store.Append(opening)).Open!;
        await _store.Append(
            Appends.Next(open, opening) with
            {
                PreviousTag = "wrong",
                Outcome = new CommandOutcome(Alice, second, [2]),
            }
        );

        (await _store.FindOutcome(_channel, Alice, first)).ShouldBe([1, 0]);
        (await _store.FindOutcome(_channel, Alice, second)).ShouldBeNull();
        (await _store.FindOutcome(_channel, Bob, first)).ShouldBeNull();
        (await _store.FindOutcome(new ChannelId("elsewhere"), Alice, first)).ShouldBeNull();
    }

    [Fact]
    public async Task An_outcome_without_an_event_is_kept_too_and_the_later_one_counts()
    {
        var command = new CommandId("c1");
        await _store.PutOutcome(_channel, new CommandOutcome(Alice, command, []));
        (await _store.FindOutcome(_channel, Alice, command)).ShouldBe([]);
        await _store.PutOutcome(_channel, new CommandOutcome(Alice, command, [9]));
        (await _store.FindOutcome(_channel, Alice, command)).ShouldBe([9]);
    }

    [Fact]
    public async Task What_is_over_goes_after_its_time_and_what_lives_stays()
    {
        var command = new CommandId("c1");
        var other = new ChannelId(_channel + "-live");
        var live = new CallId(_call + "-live");
        await _store.Append(Appends.Opening(other, live));
        await _store.Append(
            Appends.Opening(_channel, _call) with
            {
                Closes = true,
                Outcome = new CommandOutcome(Alice, command, [1]),
            }
        );

        await PassRetention(async () =>
            (await _store.Read(_channel, _call)).Count == 0
            && await _store.FindOutcome(_channel, Alice, command) is null
        );

        (await _store.Read(_channel, _call)).ShouldBeEmpty();
        (await _store.FindOutcome(_channel, Alice, command)).ShouldBeNull();
        (await _store.Read(other, live)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_users_current_call_is_swapped_only_from_what_it_is()
    {
        var user = new UserId("u-" + Appends.NewTag());
        var here = new CurrentCall(_channel, _call, new SessionId("s1"), new DeviceId("phone"));
        var there = here with { Session = new SessionId("s2"), Device = null };
        (await _store.GetCurrentCall(user)).ShouldBeNull();

        (await _store.SwapCurrentCall(user, there, here)).ShouldBeFalse();
        (await _store.SwapCurrentCall(user, null, here)).ShouldBeTrue();
        (await _store.SwapCurrentCall(user, null, there)).ShouldBeFalse();
        (await _store.GetCurrentCall(user)).ShouldBe(here);
        (await _store.SwapCurrentCall(user, here, there)).ShouldBeTrue();
        (await _store.GetCurrentCall(user)).ShouldBe(there);
        (await _store.SwapCurrentCall(user, there, null)).ShouldBeTrue();
        (await _store.GetCurrentCall(user)).ShouldBeNull();
    }

    [Fact]
    public async Task Live_channels_are_noted_at_each_user_once()
    {
        var (ann, ben) = (new UserId("ann-" + _call), new UserId("ben-" + _call));
        var other = new ChannelId(_channel + "-2");
        await _store.AddLive(_channel, [ann, ben]);
        await _store.AddLive(_channel, [ann]);
        await _store.AddLive(other, [ann]);
        await _store.AddLive(other, []);

        (await _store.LiveChannels(ann)).ShouldBe([_channel, other], ignoreOrder: true);
        (await _store.LiveChannels(ben)).ShouldBe([_channel]);

        await _store.RemoveLive(_channel, [ann, new UserId("stranger")]);

        (await _store.LiveChannels(ann)).ShouldBe([other]);
        (await _store.LiveChannels(ben)).ShouldBe([_channel]);
    }

    [Fact]
    public async Task A_users_current_call_and_live_channels_do_not_touch_each_other()
    {
        var user = new UserId("u-" + Appends.NewTag());
        await _store.AddLive(_channel, [user]);
        await _store.SwapCurrentCall(user, null, new CurrentCall(_channel, _call, new SessionId("s"), null));
        await _store.RemoveLive(_channel, [user]);

        (await _store.GetCurrentCall(user)).ShouldNotBeNull();
        (await _store.LiveChannels(user)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_append_takes_a_place_and_notes_the_call_with_it()
    {
        var user = new UserId("u-" + Appends.NewTag());
        var here = new CurrentCall(_channel, _call, new SessionId("s1"), null);
        var opening = Appends.Opening(_channel, _call) with { Place = new(user, null, here), LiveAt = [user] };

        (await _store.Append(opening)).Outcome.ShouldBe(AppendOutcome.Ok);

        (await _store.GetCurrentCall(user)).ShouldBe(here);
        (await _store.LiveChannels(user)).ShouldBe([_channel]);
        (await _store.FindOpen(_channel)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Nothing_is_appended_when_the_place_is_not_as_expected()
    {
        var user = new UserId("u-" + Appends.NewTag());
        var here = new CurrentCall(_channel, _call, new SessionId("s1"), null);
        var there = here with { Session = new SessionId("s2") };
        await _store.SwapCurrentCall(user, null, there);

        var result = await _store.Append(Appends.Opening(_channel, _call) with { Place = new(user, null, here) });

        result.ShouldBe(new AppendResult(AppendOutcome.PlaceTaken, null));
        (await _store.GetCurrentCall(user)).ShouldBe(there);
        (await _store.FindOpen(_channel)).ShouldBeNull();
        (await _store.Read(_channel, _call)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_place_is_taken_even_if_the_append_is_refused()
    {
        var user = new UserId("u-" + Appends.NewTag());
        var here = new CurrentCall(_channel, _call, new SessionId("s1"), null);
        await _store.Append(Appends.Opening(_channel, new CallId("call-other")));

        var result = await _store.Append(Appends.Opening(_channel, _call) with { Place = new(user, null, here) });

        result.Outcome.ShouldBe(AppendOutcome.AlreadyOpen);
        (await _store.GetCurrentCall(user)).ShouldBe(here);
    }

    [Fact]
    public async Task Of_many_who_open_at_once_one_does()
    {
        var calls = Enumerable.Range(0, 20).Select(i => new CallId($"{_call}-{i}")).ToArray();

        var results = await Task.WhenAll(calls.Select(c => _store.Append(Appends.Opening(_channel, c)).AsTask()));

        results.Count(r => r.Outcome == AppendOutcome.Ok).ShouldBe(1);
        var winner = results.Single(r => r.Outcome == AppendOutcome.Ok).Open;
        results.ShouldAllBe(r => r.Open == winner);
    }

    [Fact]
    public async Task Of_many_who_offer_a_secret_all_get_the_same()
    {
        var name = "secret-" + _call;
        var offers = Enumerable.Range(0, 10).Select(i => new byte[] { (byte)i, 0, 1 });

        var kept = await Task.WhenAll(offers.Select(o => _store.GetOrAddSecret(name, o).AsTask()));

        kept.ShouldAllBe(k => k.SequenceEqual(kept[0]));
        (await _store.GetOrAddSecret(name + "-other", [7])).ShouldBe([7]);
    }

    [Fact]
    public async Task Ill_formed_appends_are_the_callers_bug()
    {
        var opening = Appends.Opening(_channel, _call);
        var gap = opening with { Entries = [new JournalEntry(2, "t", [])] };
        var blank = opening with { Entries = [new JournalEntry(1, "a b", [])] };

        var elsewhere = opening with { Home = "node 1" };

        await Should.ThrowAsync<InvalidOperationException>(async () => await _store.Append(elsewhere));
        await Should.ThrowAsync<InvalidOperationException>(async () => await _store.Append(gap));
        await Should.ThrowAsync<InvalidOperationException>(async () => await _store.Append(blank));
        await Should.ThrowAsync<InvalidOperationException>(async () =>
            await _store.Append(opening with { Entries = [] })
        );
    }

    [Fact]
    public async Task It_is_healthy() => (await _store.IsHealthy()).ShouldBeTrue();

    private static void ShouldBeSame(Channel? actual, Channel expected)
    {
        var channel = actual.ShouldNotBeNull();
        (channel.Id, channel.Kind).ShouldBe((expected.Id, expected.Kind));
        channel.Members.ShouldBe(expected.Members);
    }
}
