using Calls.Actors.Persistence;
using Calls.Actors.Persistence.Embedded;
using Calls.TestKit;

namespace Calls.Actors.Tests.Persistence;

/// <summary>What counters in memory must do beyond what every store's must.</summary>
public sealed class StartCountersTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly VirtualTime _time = new();

    [Fact]
    public void The_wait_is_what_is_left_of_the_window_to_the_tick()
    {
        var counters = new StartCounters(_time);
        counters.Take(Of("alice"), "first", 1, Minute).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(59));
        counters.Take(Of("alice"), "second", 1, Minute).ShouldBe(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        counters.Take(Of("alice"), "second", 1, Minute).ShouldBe(TimeSpan.FromTicks(1));
        _time.Advance(TimeSpan.FromTicks(1));
        counters.Take(Of("alice"), "second", 1, Minute).ShouldBeNull();
    }

    [Fact]
    public void Setting_the_clock_frees_no_place_and_locks_none()
    {
        var counters = new StartCounters(_time);
        counters.Take(Of("alice"), "first", 1, Minute);

        _time.SetUtcNow(_time.GetUtcNow().AddHours(1));
        counters.Take(Of("alice"), "second", 1, Minute).ShouldBe(Minute);
        _time.SetUtcNow(_time.GetUtcNow().AddHours(-2));
        counters.Take(Of("alice"), "second", 1, Minute).ShouldBe(Minute);
    }

    [Fact]
    public void Counters_of_those_who_start_no_more_are_swept_out()
    {
        var counters = new StartCounters(_time);
        for (var user = 0; user < 5 * StartCounters.SweepAbove; user++)
        {
            counters.Take(Of($"user-{user}"), "s", 1, Minute);
            _time.Advance(TimeSpan.FromMilliseconds(100)); // six hundred a minute
        }

        counters.Count.ShouldBeLessThanOrEqualTo(StartCounters.SweepAbove);
        counters.Take(Of($"user-{(5 * StartCounters.SweepAbove) - 1}"), "t", 1, Minute).ShouldNotBeNull();
    }

    private static StartCounter Of(string user) => new(StartCounterKind.User, user);
}
