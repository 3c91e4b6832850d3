using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What has ended stays to be looked up.</summary>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task A_call_that_closes_with_a_history_is_found_there_and_unsettled()
    {
        var closing = await Close(_call, Now, [0, 255, 10]);

        var history = await _store.ListHistory(_channel, null, 10);

        Text(history).ShouldBe([$"{_call} {closing.StartedAt:O} 00FF0A"]);
        Text(await FindAll(_call)).ShouldBe(Text(history));
        (await _store.ListUnsettled()).ShouldContain(new UnsettledCall(_channel, _call));
    }

    [Fact]
    public async Task A_call_that_opens_and_closes_in_one_append_goes_into_the_history_too()
    {
        var both = Appends.Opening(_channel, _call, count: 2) with
        {
            Closes = true,
            History = new HistoryEntry(_call, Now, [1]),
            Outcome = new CommandOutcome(Alice, new CommandId("c1"), [2]),
        };

        (await _store.Append(both)).ShouldBe(new AppendResult(AppendOutcome.Ok, null));

        Text(await FindAll(_call)).ShouldBe(Text([both.History]));
        (await _store.FindOutcome(_channel, Alice, new CommandId("c1"))).ShouldBe([2]);
        (await _store.Read(_channel, _call)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_that_closes_without_a_history_leaves_none()
    {
        await _store.Append(Appends.Opening(_channel, _call) with { Closes = true });

        (await _store.ListHistory(_channel, null, 10)).ShouldBeEmpty();
        (await _store.FindHistory(_channel, _call)).ShouldBeNull();
        (await _store.ListUnsettled()).ShouldNotContain(u => u.Channel == _channel);
    }

    [Fact]
    public async Task An_append_that_is_refused_leaves_no_history()
    {
        var opening = Appends.Opening(_channel, _call);
        var open = (await _store.Append(opening)).Open!;
        var closing = Appends.Next(open, opening) with { Closes = true, History = new HistoryEntry(_call, Now, [1]) };

        (await _store.Append(closing with { PreviousTag = "wrong" })).Outcome.ShouldBe(AppendOutcome.Conflict);
        (await _store.Append(closing with { Home = "node-2" })).Outcome.ShouldBe(AppendOutcome.Fenced);

        (await _store.FindHistory(_channel, _call)).ShouldBeNull();
        (await _store.ListUnsettled()).ShouldNotContain(u => u.Channel == _channel);
        (await _store.FindOpen(_channel)).ShouldBe(open);
    }

    [Fact]
    public async Task A_settled_call_is_told_no_more_and_stays_in_the_history()
    {
        var other = new CallId(_call + "-2");
        await Close(_call, Now);
        await Close(other, Now);

        await _store.Settle(_channel, _call);
        await _store.Settle(_channel, _call);
        await _store.Settle(new ChannelId("nowhere"), _call);

        (await _store.ListUnsettled()).Where(u => u.Channel == _channel).ShouldBe([new UnsettledCall(_channel, other)]);
        (await _store.FindHistory(_channel, _call)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_channels_history_is_listed_newest_first_page_by_page()
    {
        // Several of the same instant, and not in the order of their ids or times.
        string[] closed = ["b1", "c0", "a1", "a0", "B1", "a2"];
        foreach (var name in closed)
            await Close(new CallId(name), Now.AddSeconds(-name[1]));
        string[] expected = ["c0", "a0", "b1", "a1", "B1", "a2"];

        (await Pages(before => _store.ListHistory(_channel, before, 2))).ShouldBe(expected);
        (await _store.ListHistory(_channel, null, 100)).Select(e => e.Call.Value).ShouldBe(expected);
        (await _store.ListHistory(_channel, new CallId("a2"), 2)).ShouldBeEmpty("the last one");
        (await _store.ListHistory(_channel, new CallId("nobody"), 2)).ShouldBeEmpty();
        (await _store.ListHistory(_channel, null, 0)).ShouldBeEmpty();
        (await _store.ListHistory(new ChannelId("elsewhere"), null, 2)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_a_channels_calls_the_newest_are_kept()
    {
        for (var i = 0; i < Options.HistoryPerChannel + 3; i++)
            await Close(new CallId($"call-{i:00}"), Now.AddSeconds(i - 100));
        await Close(new CallId("older"), Now.AddSeconds(-200));

        var kept = (await _store.ListHistory(_channel, null, 1000)).Select(e => e.Call.Value).ToList();

        kept.ShouldBe(Enumerable.Range(3, Options.HistoryPerChannel).Reverse().Select(i => $"call-{i:00}"));
        (await _store.FindHistory(_channel, new CallId("call-02"))).ShouldBeNull();
        (await _store.FindHistory(_channel, new CallId("call-03"))).ShouldNotBeNull();
        (await _store.FindHistory(_channel, new CallId("older"))).ShouldBeNull();
        (await _store.ListUnsettled()).ShouldContain(
            new UnsettledCall(_channel, new CallId("older")),
            "it is still to be told"
        );
    }

    [Fact]
    public async Task A_call_leaves_the_history_when_its_time_is_over()
    {
        var (going, staying, gone) = (new CallId("going"), new CallId("staying"), new CallId("gone"));
        await Close(gone, Now - Options.HistoryRetention);
        await Close(going, Now - Options.HistoryRetention + Soon);
        await Close(staying, Now);
        (await _store.FindHistory(_channel, gone)).ShouldBeNull();

        await Pass(Soon, async () => await _store.FindHistory(_channel, going) is null);

        (await _store.FindHistory(_channel, going)).ShouldBeNull();
        (await _store.ListHistory(_channel, null, 10)).Select(e => e.Call).ShouldBe([staying]);
        (await _store.ListHistory(_channel, going, 10)).ShouldBeEmpty();
        await Close(new CallId("next"), Now.AddSeconds(1));
        (await _store.ListHistory(_channel, new CallId("next"), 10)).Select(e => e.Call).ShouldBe([staying]);
    }

    [Fact]
    public async Task Only_a_call_that_ends_here_goes_into_the_history()
    {
        var opening = Appends.Opening(_channel, _call) with { History = new HistoryEntry(_call, Now, []) };
        var another = opening with { Closes = true, History = new HistoryEntry(new CallId("other"), Now, []) };

        await Should.ThrowAsync<InvalidOperationException>(async () => await _store.Append(opening));
        await Should.ThrowAsync<InvalidOperationException>(async () => await _store.Append(another));
    }

    private async Task<HistoryEntry> Close(CallId call, DateTimeOffset startedAt, byte[]? payload = null)
    {
        var opening = Appends.Opening(_channel, call);
        var open = (await _store.Append(opening)).Open!;
        var history = new HistoryEntry(call, startedAt, payload ?? [1]);
        var closed = await _store.Append(Appends.Next(open, opening) with { Closes = true, History = history });
        closed.ShouldBe(new AppendResult(AppendOutcome.Ok, null));
        return history;
    }

    private async Task<IReadOnlyList<HistoryEntry>> FindAll(params CallId[] calls)
    {
        List<HistoryEntry> found = [];
        foreach (var call in calls)
            found.Add((await _store.FindHistory(_channel, call)).ShouldNotBeNull());
        return found;
    }

    private static async Task<List<string>> Pages(Func<CallId?, ValueTask<IReadOnlyList<HistoryEntry>>> list)
    {
        List<string> ids = [];
        while (await list(ids.Count == 0 ? null : new CallId(ids[^1])) is { Count: > 0 } page)
            ids.AddRange(page.Select(e => e.Call.Value));
        return ids;
    }

    private static IEnumerable<string> Text(IEnumerable<HistoryEntry> entries) =>
        entries.Select(e => $"{e.Call} {e.StartedAt:O} {Convert.ToHexString(e.Payload)}");
}
