using Calls.Actors.Persistence;
using Calls.Host.Webhooks;
using Calls.Protocol;

namespace Calls.Host.Tests.Webhooks;

/// <summary>What is sent when, to one receiver.</summary>
public class DeliveryPlanTests
{
    private const int Backlog = 100;

    private readonly DeliveryPlan _plan = new(Backlog, new Random(1));
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void Messages_of_one_call_go_one_after_the_other()
    {
        Add("a1", "a2", "a3");

        var first = Start().Single();
        first.Message.Id.ShouldBe("a1");
        Start().ShouldBeEmpty();
        _plan.Arrived(first, _now);

        Ids(Start()).ShouldBe(["a2"]);
    }

    [Fact]
    public void A_call_whose_delivery_fails_holds_up_nobody_else()
    {
        Add("a1", "a2", "b1", "c1");
        var started = Start();
        Ids(started).ShouldBe(["a1", "b1", "c1"]);

        _plan.Failed(started[0], _now);
        _plan.Arrived(started[1], _now);
        Add("b2");

        Ids(Start()).ShouldBe(["b2"], "a waits, c is under way");
        _plan.NextMoment()!.Value.ShouldBeInRange(_now + (RetryPauses.First / 2), _now + RetryPauses.First);
        _now += RetryPauses.First;
        Ids(Start()).ShouldBe(["a1"], "the same once more, before the next of its call");
    }

    [Fact]
    public void Pauses_double_with_jitter_up_to_a_bound()
    {
        var random = new Random(1);
        for (var failures = 1; failures <= 40; failures++)
        {
            var full = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, failures - 1), 300));
            var pauses = Enumerable.Range(0, 50).Select(_ => RetryPauses.After(failures, random)).ToArray();
            pauses.ShouldAllBe(p => p >= full / 2 && p <= full);
            pauses.Distinct().Count().ShouldBeGreaterThan(40, "or they all come back together");
        }
    }

    [Fact]
    public void A_receiver_that_is_back_gets_all_that_waits_at_once()
    {
        Add("a1", "b1", "c1", "d1");
        foreach (var delivery in Start())
            for (var i = 0; i < 1; i++)
                _plan.Failed(delivery, _now);
        _now += RetryPauses.First;
        foreach (var delivery in Start())
            _plan.Failed(delivery, _now);
        Start().ShouldBeEmpty();

        Add("e1");
        _plan.Arrived(Start().Single(), _now);

        Ids(Start()).ShouldBe(["a1", "b1", "c1", "d1"], ignoreOrder: true);
    }

    [Fact]
    public void One_message_that_is_never_taken_is_not_tried_again_with_every_other_that_arrives()
    {
        Add("a1", "b1", "b2");
        var started = Start();
        _plan.Failed(started[0], _now);

        _plan.Arrived(started[1], _now);

        Ids(Start()).ShouldBe(["b2"]);
    }

    [Fact]
    public void Only_so_many_are_under_way_at_once()
    {
        Add([.. Enumerable.Range(0, 50).Select(i => $"{(char)('A' + i)}1")]);

        var started = Start();

        started.Count.ShouldBe(DeliveryPlan.MostAtOnce);
        _plan.NextMoment().ShouldBe(started[0].ExpiresAt, "nothing can begin until an answer comes");
        _plan.Failed(started[0], _now);
        Start().Count.ShouldBe(1);
    }

    [Fact]
    public void Beyond_the_bound_the_oldest_goes_but_none_that_is_under_way()
    {
        Add([.. Enumerable.Range(0, Backlog).Select(i => $"a{i}")]);
        var underWay = Start().Single();
        Add("b1", "b2");

        Ids(_plan.DropExcess()).ShouldBe(["a1", "a2"]);

        _plan.Count.ShouldBe(Backlog);
        _plan.Arrived(underWay, _now);
        Ids(Start()).ShouldBe(["a3", "b1"], ignoreOrder: true);
        _plan.DropExcess().ShouldBeEmpty();
    }

    [Fact]
    public void What_was_tried_for_its_time_is_given_up_and_the_next_of_its_call_goes_on()
    {
        Add(TimeSpan.FromMinutes(1), "a1");
        Add(TimeSpan.FromDays(1), "a2");
        _plan.Failed(Start().Single(), _now);
        _now += TimeSpan.FromMinutes(1);

        Ids(_plan.Expire(_now)).ShouldBe(["a1"]);

        Ids(Start()).ShouldBe(["a2"]);
    }

    [Fact]
    public void The_same_message_is_planned_once_until_it_has_arrived()
    {
        Add("a1");
        _plan.Add(New("a1", TimeSpan.FromDays(1))).ShouldBeFalse();
        _plan.Arrived(Start().Single(), _now);

        _plan.Add(New("a1", TimeSpan.FromDays(1))).ShouldBeTrue();
    }

    [Fact]
    public void Whatever_happens_each_arrives_once_in_order_per_call_and_nothing_is_left()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var plan = new DeliveryPlan(10_000, random);
            List<Delivery> underWay = [];
            Dictionary<char, int> arrived = [];
            var (added, now) = (0, TimeSpan.Zero);
            while (added < 300 || plan.Count > 0)
            {
                if (added < 300 && random.Next(3) == 0)
                    plan.Add(New($"{(char)('a' + (added % 7))}{added++ / 7}", TimeSpan.FromDays(100)));
                var started = plan.Start(now);
                started.Select(d => d.Message.Call).Intersect(underWay.Select(d => d.Message.Call)).ShouldBeEmpty();
                underWay.AddRange(started);
                underWay.Count.ShouldBeLessThanOrEqualTo(DeliveryPlan.MostAtOnce);
                if (underWay.Count == 0)
                {
                    now = plan.NextMoment() ?? now;
                    continue;
                }
                var done = underWay[random.Next(underWay.Count)];
                underWay.Remove(done);
                if (random.Next(3) == 0)
                {
                    plan.Failed(done, now);
                    continue;
                }
                var call = done.Message.Call.Value[0];
                done.Message.Id.ShouldBe($"{call}{arrived.GetValueOrDefault(call)}");
                arrived[call] = arrived.GetValueOrDefault(call) + 1;
                plan.Arrived(done, now);
            }
            arrived.Values.Sum().ShouldBe(300);
            plan.NextMoment().ShouldBeNull();
        }
    }

    private void Add(params string[] ids) => Add(TimeSpan.FromDays(1), ids);

    private void Add(TimeSpan expiresIn, params string[] ids)
    {
        foreach (var id in ids)
            _plan.Add(New(id, _now + expiresIn)).ShouldBeTrue();
    }

    private IReadOnlyList<Delivery> Start() => _plan.Start(_now);

    /// <summary>The first letter is the call.</summary>
    private static Delivery New(string id, TimeSpan expiresAt) =>
        new(0, id, new WebhookMessage("r", id, new CallId(id[..1]), DateTimeOffset.UnixEpoch, []), expiresAt);

    private static IEnumerable<string> Ids(IEnumerable<Delivery> deliveries) => deliveries.Select(d => d.Message.Id);
}
