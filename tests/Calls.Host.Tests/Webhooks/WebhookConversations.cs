using System.Net;
using System.Text;
using Calls.Actors.Persistence;
using Calls.Host.Settings;
using Calls.Host.Webhooks;
using Calls.Protocol;
using Calls.TestKit;

namespace Calls.Host.Tests.Webhooks;

/// <summary>The sender and its receivers, good and bad, in virtual time.</summary>
public class WebhookConversations
{
    private readonly WebhookScene _scene = new();

    [Fact]
    public void A_message_is_sent_at_once_and_leaves_the_outbox_when_it_was_taken()
    {
        _scene.Start("chat");
        _scene.Watch();

        _scene.Put("a1");

        var received = _scene.Received.Single();
        (received.Host, received.Id).ShouldBe(("chat", "a1"));
        received.Signature.ShouldBe(
            WebhookSignature.Of(
                WebhookSignature.KeyOf(WebhookScene.Secret),
                "a1",
                long.Parse(received.Timestamp),
                "{}"u8
            )
        );
        _scene.Waiting().ShouldBeEmpty();
        _scene.Counted("calls.webhook.message.delivered").ShouldBe(1);
    }

    [Fact]
    public void What_fails_is_sent_again_in_order_with_the_same_id_and_a_timestamp_of_its_own()
    {
        _scene.Start("chat");
        _scene.Watch();
        _scene.Answers = _ => HttpStatusCode.InternalServerError;
        _scene.Put("a1", "a2");
        _scene.Pass(TimeSpan.FromSeconds(30));
        _scene.ReceivedIds.Distinct().ShouldBe(["a1"]);
        _scene.Received.Count.ShouldBeInRange(5, 7);
        _scene.Received.Select(r => r.Timestamp).Distinct().Count().ShouldBeGreaterThan(3);
        var pauses = _scene.Received.Zip(_scene.Received.Skip(1), (a, b) => b.At - a.At);
        pauses.ShouldBeInOrder();
        _scene.Counted("calls.webhook.attempt.failed").ShouldBe(_scene.Received.Count);
        _scene
            .Log.Lines.Count(l => l.StartsWith("Warning: Webhooks to http://chat/hook", StringComparison.Ordinal))
            .ShouldBe(1);

        _scene.Received.Clear();
        _scene.Answers = _ => HttpStatusCode.OK;
        _scene.Pass(TimeSpan.FromMinutes(1));

        _scene.ReceivedIds.ShouldBe(["a1", "a2"]);
        _scene.Waiting().ShouldBeEmpty();
    }

    [Fact]
    public void A_call_whose_delivery_fails_holds_up_only_its_own_later_ones()
    {
        _scene.Start("chat");
        _scene.Answers = r => r.Id == "a1" ? HttpStatusCode.BadRequest : HttpStatusCode.NoContent;

        _scene.Put("a1", "b1", "a2", "b2", "c1");
        _scene.Pass(TimeSpan.FromMinutes(10));

        _scene.ReceivedIds.Where(id => id != "a1").ShouldBe(["b1", "b2", "c1"]);
        _scene.Waiting().ShouldBe(["a1", "a2"]);
    }

    [Fact]
    public void A_receiver_that_hangs_has_ten_seconds_and_holds_up_no_other_receiver()
    {
        _scene.Start("slow", "quick");
        _scene.Answers = r => r.Host == "slow" ? null : HttpStatusCode.OK;

        _scene.Put("a1", "a2");

        _scene.Received.Where(r => r.Host == "quick").Select(r => r.Id).ShouldBe(["a1", "a2"]);
        _scene.Pass(WebhookPoster.Deadline - TimeSpan.FromMilliseconds(1));
        _scene.Received.Count(r => r.Host == "slow").ShouldBe(1);
        _scene.Pass(TimeSpan.FromSeconds(2));
        _scene.Received.Where(r => r.Host == "slow").Select(r => r.Id).ShouldBe(["a1", "a1"]);
    }

    [Fact]
    public void After_a_day_it_is_given_up_counted_and_logged()
    {
        _scene.Start("chat");
        _scene.Watch();
        _scene.Answers = _ => HttpStatusCode.ServiceUnavailable;
        _scene.Put("a1");

        _scene.Pass(TimeSpan.FromHours(23));
        _scene.Waiting().ShouldBe(["a1"]);
        var attempts = _scene.Received.Count;
        attempts.ShouldBeInRange(23 * 12, 23 * 24 + 10);
        _scene.Pass(TimeSpan.FromHours(1.5));

        _scene.Waiting().ShouldBeEmpty();
        _scene.Counted("calls.webhook.message.dropped/expired").ShouldBe(1);
        _scene.Log.Lines.ShouldContain("Error: Webhooks to http://chat/hook: 1 messages were dropped (Expired)");
        _scene.Received[^1].At.ShouldBeLessThanOrEqualTo(TimeSpan.FromDays(1));
    }

    [Fact]
    public void Beyond_the_bound_the_oldest_goes_counted_and_logged()
    {
        var scene = new WebhookScene(backlog: 3);
        scene.Start("chat");
        scene.Watch();
        scene.Answers = _ => HttpStatusCode.InternalServerError;

        scene.Put("a1", "b1", "c1", "d1", "e1");

        scene.Waiting().ShouldBe(["c1", "d1", "e1"]);
        scene.Counted("calls.webhook.message.dropped/backlog").ShouldBe(2);
        scene.Pass(TimeSpan.FromMinutes(2));
        scene
            .Log.Lines.Count(l => l.Contains("messages were dropped (Backlog)"))
            .ShouldBe(2, "the first, and a minute later the rest");
        scene.Answers = _ => HttpStatusCode.OK;
        scene.Received.Clear();
        scene.Pass(TimeSpan.FromMinutes(5));
        scene.ReceivedIds.Order().ShouldBe(["c1", "d1", "e1"]);
    }

    [Fact]
    public void The_bound_is_each_receivers_own()
    {
        var scene = new WebhookScene(backlog: 2);
        scene.Start("dead", "alive");
        scene.Answers = r => r.Host == "dead" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK;

        scene.Put("a1", "b1", "c1");

        scene.Received.Where(r => r.Host == "alive").Select(r => r.Id).ShouldBe(["a1", "b1", "c1"]);
        scene.Waiting().ShouldBe(["b1", "c1"]);
    }

    [Fact]
    public void A_receiver_that_is_gone_is_sent_nothing_more_until_the_next_start()
    {
        _scene.Start("gone", "chat");
        _scene.Watch();
        _scene.Answers = r => r.Host == "gone" ? HttpStatusCode.Gone : HttpStatusCode.OK;

        _scene.Put("a1", "a2", "b1");
        _scene.Pass(TimeSpan.FromHours(1));

        _scene.Received.Count(r => r.Host == "gone").ShouldBe(1);
        _scene.Received.Where(r => r.Host == "chat").Select(r => r.Id).ShouldBe(["a1", "a2", "b1"]);
        _scene.Sender.Names.Count.ShouldBe(1, "nothing is written for the other any more");
        _scene.Waiting().ShouldBeEmpty();
        _scene
            .Counted("calls.webhook.message.dropped/gone")
            .ShouldBe(2, "the one that was answered so, and the one behind it");

        _scene.Answers = _ => HttpStatusCode.OK;
        _scene.Start("gone", "chat");
        _scene.Put("c1");
        _scene.Received.Count(r => r.Host == "gone").ShouldBe(2);
    }

    [Fact]
    public void What_was_not_acknowledged_before_a_crash_is_sent_after_it_under_the_same_id()
    {
        _scene.Start("chat");
        _scene.Answers = _ => HttpStatusCode.InternalServerError;
        _scene.Put("a1", "a2", "b1");
        _scene.Answers = _ => HttpStatusCode.OK;
        _scene.Received.Clear();

        _scene.Start("chat");

        _scene.ReceivedIds.Order().ShouldBe(["a1", "a2", "b1"]);
        _scene.ReceivedIds.Where(id => id[0] == 'a').ShouldBe(["a1", "a2"]);
        _scene.Waiting().ShouldBeEmpty();
    }

    [Fact]
    public void A_crash_between_the_delivery_and_the_outbox_delivers_twice_rather_than_never()
    {
        _scene.Start("chat");
        _scene.Store.Before = operation =>
            operation == nameof(IWebhookStore.RemoveWebhooks)
                ? throw new StoreUnavailableException("gone")
                : ValueTask.CompletedTask;
        _scene.Put("a1");
        _scene.Store.Before = _ => ValueTask.CompletedTask;

        _scene.Start("chat");

        _scene.ReceivedIds.ShouldBe(["a1", "a1"]);
        _scene.Waiting().ShouldBeEmpty();
    }

    [Fact]
    public void While_the_store_is_away_what_is_known_is_sent_once_and_what_comes_is_read_when_it_is_back()
    {
        _scene.Start("chat");
        _scene.Answers = _ => HttpStatusCode.InternalServerError;
        _scene.Put("a1");
        var away = true;
        _scene.Store.Before = operation =>
            away && operation != nameof(IWebhookStore.PutWebhooks)
                ? throw new StoreUnavailableException("away")
                : ValueTask.CompletedTask;
        _scene.Answers = _ => HttpStatusCode.OK;
        _scene.Received.Clear();
        _scene.Put("b1");
        _scene.Pass(TimeSpan.FromMinutes(1));
        _scene.ReceivedIds.ShouldBe(["a1"]);

        away = false;
        _scene.Pass(TimeSpan.FromSeconds(2));

        _scene.ReceivedIds.ShouldBe(["a1", "b1"]);
        _scene.Waiting().ShouldBeEmpty();
        _scene.Log.Lines.Count(l => l.Contains("the store does not answer")).ShouldBe(1);
    }

    [Fact]
    public void What_nobody_called_out_is_found_all_the_same()
    {
        _scene.Start("chat");

        _scene.Put(wake: false, "a1");
        _scene.Received.ShouldBeEmpty();
        _scene.Pass(OutboxReader.LookEvery);

        _scene.ReceivedIds.ShouldBe(["a1"]);
    }

    [Fact]
    public void The_same_told_twice_is_sent_once_while_it_waits()
    {
        _scene.Start("chat");
        _scene.Answers = _ => HttpStatusCode.InternalServerError;
        _scene.Put("a1", "a1");
        _scene.Received.Clear();
        _scene.Answers = _ => HttpStatusCode.OK;

        _scene.Pass(TimeSpan.FromMinutes(1));

        _scene.ReceivedIds.ShouldBe(["a1"]);
        _scene.Waiting().ShouldBeEmpty();
    }

    [Fact]
    public void What_waits_for_a_url_that_is_configured_no_more_is_dropped_also_when_none_is()
    {
        _scene.Start("old", "chat");
        _scene.Answers = r => r.Host == "old" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK;
        _scene.Put("a1", "b1");
        _scene.Waiting().ShouldBe(["a1", "b1"]);

        _scene.Start();

        _scene.Waiting().ShouldBeEmpty();
        _scene.Sender.Names.ShouldBeEmpty();
        _scene.Log.Lines.ShouldContain(
            "Warning: Webhooks: 2 messages to URLs that are not configured any more were dropped"
        );
    }

    [Fact]
    public void A_backlog_longer_than_a_page_is_read_whole_at_the_start()
    {
        var scene = new WebhookScene(backlog: 5000);
        scene.Start("chat");
        scene.Answers = _ => null;
        scene.Put(wake: false, [.. Enumerable.Range(0, 1200).Select(i => $"{(char)('a' + (i % 26))}{i:0000}")]);
        scene.Answers = _ => HttpStatusCode.OK;

        scene.Start("chat");

        scene.Received.Count.ShouldBe(1200);
        foreach (var call in scene.ReceivedIds.GroupBy(id => id[0]))
            call.ShouldBeInOrder();
        scene.Waiting().ShouldBeEmpty();
    }

    [Fact]
    public void A_clock_that_jumps_gives_nothing_up_early_and_stops_no_retry()
    {
        _scene.Start("chat");
        _scene.Answers = _ => HttpStatusCode.InternalServerError;
        _scene.Put("a1");
        _scene.JumpBy(TimeSpan.FromDays(2));
        _scene.Pass(TimeSpan.FromHours(1));
        _scene.Waiting().ShouldBe(["a1"]);
        _scene.JumpBy(TimeSpan.FromDays(-4));

        _scene.Answers = _ => HttpStatusCode.OK;
        _scene.Pass(TimeSpan.FromMinutes(6));

        _scene.Waiting().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sender_that_stops_waits_for_no_receiver_and_leaves_what_has_not_arrived_in_the_outbox()
    {
        var store = new InMemoryStore(TimeProvider.System, new Random(1));
        using var inbox = new WebhookInbox { Answers = post => post.Type == "taken" ? 200 : null };
        inbox.Open();
        var sender = new WebhookSender(
            [new Webhook(inbox.Url, new(WebhookInbox.Secret))],
            backlog: 100,
            store,
            WebhookPoster.NewHandler(),
            TimeProvider.System,
            new Random(1),
            _scene.Log
        );
        sender.Start();
        var channel = new ChannelId("dm");
        foreach (var type in new[] { "taken", "held" })
        {
            var body = Encoding.UTF8.GetBytes($$"""{"type":"{{type}}"}""");
            var message = new WebhookMessage(sender.Names.Single(), type, new("c"), DateTimeOffset.UtcNow, body);
            await store.PutWebhooks(channel, [message]);
        }
        sender.Wake(channel);
        await Eventually.Holds(() => Task.FromResult(inbox.Posts.Count == 2), () => "both are sent");

        var stopping = sender.DisposeAsync().AsTask();

        await stopping.WaitAsync(WebhookPoster.Deadline);
        var left = await store.ListWebhooks(store.WebhookShardOf(channel), null, 10);
        left.ShouldHaveSingleItem().Message.Id.ShouldBe("held");
    }
}
