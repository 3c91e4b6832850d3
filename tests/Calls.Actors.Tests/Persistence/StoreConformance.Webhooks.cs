using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Persistence;

/// <summary>The outbox of webhooks. Other tests' messages may wait in the same shard.</summary>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task Webhooks_wait_in_their_shard_as_they_were_put_and_in_that_order()
    {
        var first = Webhook("1", body: [0, 255, 10]);
        await _store.PutWebhooks(_channel, [first, Webhook("2", receiver: "other")]);
        await _store.PutWebhooks(_channel, [Webhook("3")]);
        await _store.PutWebhooks(_channel, []);

        var waiting = await Waiting();

        waiting.Select(w => w.Message.Id).ShouldBe(["1", "2", "3"]);
        Text(waiting[0].Message).ShouldBe(Text(first));
        waiting.Select(w => w.Message.Receiver).ShouldBe(["here", "other", "here"]);
        waiting.Select(w => w.Key).ShouldBeUnique();
        for (var shard = 0; shard < _store.WebhookShards; shard++)
            if (shard != _store.WebhookShardOf(_channel))
                (await _store.ListWebhooks(shard, null, 1000)).ShouldNotContain(w => w.Message.Call == _call);
    }

    [Fact]
    public async Task Webhooks_are_put_with_an_append_and_only_if_it_succeeds()
    {
        var opening = Appends.Opening(_channel, _call, count: 2) with { Webhooks = [Webhook("1"), Webhook("2")] };
        var open = (await _store.Append(opening)).Open!;
        var next = Appends.Next(open, opening) with { Webhooks = [Webhook("3")] };

        (await _store.Append(next with { PreviousTag = "wrong" })).Outcome.ShouldBe(AppendOutcome.Conflict);
        (await _store.Append(next with { Home = "node-2" })).Outcome.ShouldBe(AppendOutcome.Fenced);
        (await _store.Append(opening)).Outcome.ShouldBe(AppendOutcome.AlreadyOpen);
        (await Waiting()).Select(w => w.Message.Id).ShouldBe(["1", "2"]);
        (await _store.Append(next)).Outcome.ShouldBe(AppendOutcome.Ok);

        (await Waiting()).Select(w => w.Message.Id).ShouldBe(["1", "2", "3"]);
        (await _store.Read(_channel, _call)).Select(e => e.Version).ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Webhooks_go_with_outcome_and_history_each_to_its_own_place(bool withOutcome, bool withHistory)
    {
        var request = Appends.Opening(_channel, _call, count: 3) with
        {
            Closes = true,
            Outcome = withOutcome ? new CommandOutcome(Alice, new CommandId("c1"), [2]) : null,
            History = withHistory ? new HistoryEntry(_call, Now, [1]) : null,
            Webhooks = [Webhook("1"), Webhook("2")],
        };

        (await _store.Append(request)).ShouldBe(new AppendResult(AppendOutcome.Ok, null));

        (await Waiting()).Select(w => Text(w.Message)).ShouldBe(request.Webhooks.Select(Text));
        (await _store.Read(_channel, _call)).Count.ShouldBe(3);
        (await _store.FindOutcome(_channel, Alice, new CommandId("c1")) is not null).ShouldBe(withOutcome);
        (await _store.FindHistory(_channel, _call) is not null).ShouldBe(withHistory);
    }

    [Fact]
    public async Task Waiting_webhooks_are_listed_from_a_key_on_whether_it_is_still_there_or_not()
    {
        await _store.PutWebhooks(_channel, [.. Enumerable.Range(1, 5).Select(i => Webhook($"{i}"))]);
        var shard = _store.WebhookShardOf(_channel);
        var keys = (await Waiting()).Select(w => w.Key).ToArray();

        await _store.RemoveWebhooks(shard, [keys[1], keys[3]]);

        (await Waiting()).Select(w => w.Message.Id).ShouldBe(["1", "3", "5"]);
        (await Waiting(after: keys[0])).Select(w => w.Message.Id).ShouldBe(["3", "5"]);
        (await Waiting(after: keys[1])).Select(w => w.Message.Id).ShouldBe(["3", "5"]);
        (await _store.ListWebhooks(shard, keys[0], 1)).Single().Message.Id.ShouldBe("3");
        (await _store.ListWebhooks(shard, keys[4], 10)).ShouldBeEmpty();
        (await _store.ListWebhooks(shard, null, 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_put_after_all_were_removed_comes_after_them()
    {
        var shard = _store.WebhookShardOf(_channel);
        await _store.PutWebhooks(_channel, [Webhook("1"), Webhook("2")]);
        var keys = (await Waiting()).Select(w => w.Key).ToArray();
        await _store.RemoveWebhooks(shard, keys);
        await _store.RemoveWebhooks(shard, keys);
        await _store.RemoveWebhooks(shard, []);
        (await Waiting()).ShouldBeEmpty();

        await _store.PutWebhooks(_channel, [Webhook("3")]);

        (await Waiting(after: keys[1])).Select(w => w.Message.Id).ShouldBe(["3"]);
    }

    private WebhookMessage Webhook(string id, string receiver = "here", byte[]? body = null) =>
        new(receiver, id, _call, Now, body ?? [1]);

    /// <summary>This test's own.</summary>
    private async Task<IReadOnlyList<WaitingWebhook>> Waiting(string? after = null)
    {
        var all = await _store.ListWebhooks(_store.WebhookShardOf(_channel), after, 100_000);
        return [.. all.Where(w => w.Message.Call == _call)];
    }

    private static string Text(WebhookMessage m) =>
        $"{m.Receiver} {m.Id} {m.Call} {m.At:O} {Convert.ToHexString(m.Body)}";
}
