using System.Text.Json;
using Calls.Actors.Persistence;
using Calls.Protocol;

namespace Calls.Actors.Tests.Calls;

/// <summary>What the chat app's backend is told of calls: here as it stands in the outbox.</summary>
public sealed class WebhookConversations
{
    private readonly CallWorld _world = new() { Receivers = ["backend"] };

    [Fact]
    public void A_start_is_told_with_all_that_a_push_needs()
    {
        _world.Sets("bob", Notifications.Quiet);
        _world.Sets("carol", Notifications.DoNotDisturb);
        var call = _world.SignIn("alice").Starts("group", CallMedia.Video);

        var (type, timestamp, data) = Told("group").Single();

        type.ShouldBe("call_started");
        timestamp.ShouldBe(call["started_at"]);
        Text(data)
            .ShouldBe(
                $$"""
                {"channel_id":"group","call_id":"{{call["call_id"]}}","initiator":"alice","initiator_name":"alice","media":"video","started_at":"{{call[
                    "started_at"
                ]}}","expires_at":"{{call[
                    "expires_at"
                ]}}","members":["alice","bob","carol"],"rings":[{"user_id":"bob","silent":true}]}
                """
            );
        _world.Woken.ShouldBe([new ChannelId("group")]);
    }

    [Fact]
    public void An_end_is_told_with_reason_and_duration_and_who_was_there()
    {
        var (alice, bob, carol) = (_world.SignIn("alice"), _world.SignIn("bob"), _world.SignIn("carol"));
        alice.Starts("group");
        _world.Pass(TimeSpan.FromSeconds(3));
        bob.Joins("group");
        carol.Declines("group");
        _world.MediaFlows("alice");
        _world.MediaFlows("bob");
        _world.Pass(TimeSpan.FromSeconds(65));
        bob.Leaves("group");
        alice.Leaves("group");

        Types("group").ShouldBe(["call_started", "call_ended"]);
        var (_, timestamp, ended) = Told("group")[^1];
        timestamp.ShouldBe(ended.GetProperty("ended_at").GetString());
        ended.GetProperty("reason").GetString().ShouldBe("last_left");
        ended.GetProperty("duration_secs").GetInt64().ShouldBe(65);
        ended.GetProperty("initiator_name").GetString().ShouldBe("alice");
        Text(ended.GetProperty("participants")).ShouldBe("""["alice","bob"]""");
        Text(ended.GetProperty("declined_by")).ShouldBe("""["carol"]""");
        Text(ended.GetProperty("missed_by")).ShouldBe("[]");
        Text(ended.GetProperty("members")).ShouldBe("""["alice","bob","carol"]""");
    }

    [Fact]
    public void Who_does_not_answer_until_the_end_has_missed_it_and_that_comes_after_the_end()
    {
        var alice = _world.SignIn("alice");
        var call = alice.Starts("group")["call_id"];

        alice.Leaves("group");

        Types("group").ShouldBe(["call_started", "call_ended", "missed_call", "missed_call"]);
        var told = Told("group");
        Text(told[1].Data.GetProperty("missed_by")).ShouldBe("""["bob","carol"]""");
        told[1].Data.GetProperty("duration_secs").ValueKind.ShouldBe(JsonValueKind.Null);
        told.Skip(2).Select(t => t.Data.GetProperty("user_id").GetString()).ShouldBe(["bob", "carol"]);
        told.ShouldAllBe(t => t.Data.GetProperty("call_id").GetString() == call);
        _world.WebhooksOf("group").Select(w => w.Id).ShouldBeUnique();
    }

    [Fact]
    public void A_ring_that_times_out_while_the_call_goes_on_is_told_then_and_not_again_at_the_end()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("group");
        bob.Joins("group");

        _world.Pass(TimeSpan.FromSeconds(91));
        Types("group").ShouldBe(["call_started", "missed_call"]);
        bob.Leaves("group");
        alice.Leaves("group");

        Types("group").ShouldBe(["call_started", "missed_call", "call_ended"]);
        Text(Told("group")[^1].Data.GetProperty("missed_by")).ShouldBe("""["carol"]""");
    }

    [Fact]
    public void Who_is_rung_again_can_miss_the_call_again_under_another_id()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("group");
        bob.Joins("group");
        _world.Pass(TimeSpan.FromSeconds(91));

        alice.Rings("group", "carol");
        _world.Pass(TimeSpan.FromSeconds(91));

        Types("group").ShouldBe(["call_started", "missed_call", "missed_call"]);
        _world.WebhooksOf("group").Select(w => w.Id).ShouldBeUnique();
    }

    [Fact]
    public void A_call_at_one_who_does_not_want_to_be_disturbed_is_told_as_missed_alone()
    {
        _world.Sets("bob", Notifications.DoNotDisturb);

        _world.SignIn("alice").Starts("dm").ShouldBeRefused(ErrorCode.UserUnavailable);

        var (type, _, data) = Told("dm").Single();
        type.ShouldBe("missed_call");
        data.GetProperty("user_id").GetString().ShouldBe("bob");
        data.GetProperty("initiator").GetString().ShouldBe("alice");
    }

    [Fact]
    public void A_blocked_caller_leaves_no_trace()
    {
        _world.Sets("bob", Notifications.Normal, "alice");
        var alice = _world.SignIn("alice");

        alice.Starts("dm").ShouldBeRefused(ErrorCode.UserUnavailable);
        Types("dm").ShouldBeEmpty();
        alice.Starts("group");
        alice.Leaves("group");

        var told = Told("group");
        Text(told[0].Data.GetProperty("rings")).ShouldBe("""[{"user_id":"carol","silent":false}]""");
        told.Where(t => t.Type == "missed_call").Single().Data.GetProperty("user_id").GetString().ShouldBe("carol");
    }

    [Fact]
    public void Each_receiver_is_told_the_same_under_the_same_id()
    {
        _world.Receivers = ["one", "two"];
        _world.SignIn("alice").Starts("dm");

        var told = _world.WebhooksOf("dm");

        told.Select(w => w.Receiver).ShouldBe(["one", "two"]);
        told[0].Id.ShouldBe(told[1].Id);
        told[0].Body.ShouldBe(told[1].Body);
    }

    [Fact]
    public void When_nobody_wants_to_be_told_nothing_is_written()
    {
        _world.Receivers = [];
        List<string> asked = [];
        _world.Store.Before = operation =>
        {
            asked.Add(operation);
            return ValueTask.CompletedTask;
        };
        _world.Sets("bob", Notifications.DoNotDisturb);
        var alice = _world.SignIn("alice");
        alice.Starts("dm");
        alice.Starts("group");
        alice.Leaves("group");

        asked.ShouldNotContain(nameof(IWebhookStore.PutWebhooks));
        _world.WebhooksOf("dm").ShouldBeEmpty();
        _world.WebhooksOf("group").ShouldBeEmpty();
        _world.Woken.ShouldBeEmpty();
    }

    [Fact]
    public void A_refused_start_tells_nothing()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("dm");

        bob.Starts("dm").ShouldBeRefused(ErrorCode.CallAlreadyExists);

        Types("dm").ShouldBe(["call_started"]);
    }

    [Fact]
    public void A_crash_right_after_the_end_was_journaled_loses_none_and_tells_none_twice()
    {
        var alice = _world.SignIn("alice");
        alice.Starts("dm");
        _world.Store.Before = operation =>
            operation == nameof(IUserStore.PutUserCall)
                ? throw new StoreUnavailableException("gone")
                : ValueTask.CompletedTask;
        alice.Leaves("dm");
        _world.Store.Before = _ => ValueTask.CompletedTask;

        _world.KillAndRestart();
        _world.Pass(TimeSpan.FromSeconds(1));

        Types("dm").ShouldBe(["call_started", "call_ended", "missed_call"]);
        _world.CallsOf("bob", UserCallFilter.Unseen).Count.ShouldBe(1);
    }

    [Fact]
    public void A_crash_between_telling_and_noting_a_missed_ring_tells_it_again_under_the_same_id()
    {
        var (alice, bob) = (_world.SignIn("alice"), _world.SignIn("bob"));
        alice.Starts("group");
        bob.Joins("group");
        _world.Store.Before = operation =>
            operation == nameof(IUserStore.PutUserCall)
                ? throw new StoreUnavailableException("gone")
                : ValueTask.CompletedTask;
        _world.Pass(TimeSpan.FromSeconds(91));
        _world.Store.Before = _ => ValueTask.CompletedTask;

        _world.KillAndRestart();
        _world.Pass(TimeSpan.FromSeconds(1));

        var missed = _world.WebhooksOf("group").Skip(1).ToArray();
        missed.Length.ShouldBe(2);
        missed[0].Id.ShouldBe(missed[1].Id);
        missed[0].Body.ShouldBe(missed[1].Body);
        _world.CallsOf("carol", UserCallFilter.Unseen).Count.ShouldBe(1);
    }

    private List<(string Type, string? Timestamp, JsonElement Data)> Told(string channel) =>
        [
            .. _world
                .WebhooksOf(channel)
                .Select(w => JsonDocument.Parse(w.Body).RootElement)
                .Select(b =>
                    (b.GetProperty("type").GetString()!, b.GetProperty("timestamp").GetString(), b.GetProperty("data"))
                ),
        ];

    private IEnumerable<string> Types(string channel) => Told(channel).Select(t => t.Type);

    private static string Text(JsonElement json) => json.GetRawText();
}
