using Calls.Actors.Persistence;

namespace Calls.Actors.Tests.Persistence;

/// <summary>The counters that limit starts.</summary>
public abstract partial class StoreConformance
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private StartCounter ByAnn => new(StartCounterKind.User, _ann.Value);

    [Fact]
    public async Task As_many_starts_as_there_are_places_and_then_a_wait()
    {
        for (var i = 0; i < 3; i++)
            (await _store.TakeStart(ByAnn, $"s{i}", 3, Minute)).ShouldBeNull();

        var wait = (await _store.TakeStart(ByAnn, "s3", 3, Minute)).ShouldNotBeNull();

        wait.ShouldBeGreaterThan(TimeSpan.Zero);
        wait.ShouldBeLessThanOrEqualTo(Minute);
    }

    [Fact]
    public async Task A_start_named_twice_takes_one_place()
    {
        for (var i = 0; i < 5; i++)
            (await _store.TakeStart(ByAnn, "same", 2, Minute)).ShouldBeNull();

        (await _store.TakeStart(ByAnn, "other", 2, Minute)).ShouldBeNull();
        (await _store.TakeStart(ByAnn, "third", 2, Minute)).ShouldNotBeNull();
        (await _store.TakeStart(ByAnn, "same", 2, Minute)).ShouldBeNull("it holds its place");
    }

    [Fact]
    public async Task A_place_given_back_can_be_taken_again()
    {
        await _store.TakeStart(ByAnn, "first", 1, Minute);
        await _store.GiveStartBack(ByAnn, "nobody");
        (await _store.TakeStart(ByAnn, "second", 1, Minute)).ShouldNotBeNull();

        await _store.GiveStartBack(ByAnn, "first");
        await _store.GiveStartBack(ByAnn, "first");

        (await _store.TakeStart(ByAnn, "second", 1, Minute)).ShouldBeNull();
        (await _store.TakeStart(ByAnn, "third", 1, Minute)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Each_counter_counts_for_itself()
    {
        foreach (var kind in Enum.GetValues<StartCounterKind>())
        foreach (var id in new[] { _ann.Value, _ben.Value })
        {
            var counter = new StartCounter(kind, id);
            (await _store.TakeStart(counter, "s", 1, Minute)).ShouldBeNull($"{counter}");
            (await _store.TakeStart(counter, "t", 1, Minute)).ShouldNotBeNull($"{counter}");
        }
    }

    [Fact]
    public async Task The_wait_grows_shorter_and_ends_when_the_window_has_passed()
    {
        await _store.TakeStart(ByAnn, "first", 1, Soon);
        var wait = (await _store.TakeStart(ByAnn, "second", 1, Soon)).ShouldNotBeNull();

        await Pass(Soon / 2, async () => !(await _store.TakeStart(ByAnn, "second", 1, Soon) >= wait));
        await Pass(Soon / 2, async () => await _store.TakeStart(ByAnn, "third", 1, Soon) is null);

        (await _store.TakeStart(ByAnn, "fourth", 1, Soon)).ShouldNotBeNull("the place is taken anew");
    }

    [Fact]
    public async Task Of_several_places_the_one_taken_first_is_free_first()
    {
        await _store.TakeStart(ByAnn, "first", 2, Minute);
        await Pass(Soon, async () => await _store.TakeStart(ByAnn, "none", 1, Minute) < Minute - (Soon / 4));
        await _store.TakeStart(ByAnn, "second", 2, Minute);

        var ofTwo = (await _store.TakeStart(ByAnn, "third", 2, Minute)).ShouldNotBeNull();
        var ofOne = (await _store.TakeStart(ByAnn, "third", 1, Minute)).ShouldNotBeNull();

        ofTwo.ShouldBeLessThan(Minute - (Soon / 4), "the first one must go");
        ofOne.ShouldBeGreaterThan(ofTwo, "both must go");
    }

    [Fact]
    public async Task Of_many_who_start_at_once_as_many_do_as_there_are_places()
    {
        var waits = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => _store.TakeStart(ByAnn, $"s{i}", 5, Minute).AsTask())
        );

        waits.Count(wait => wait is null).ShouldBe(5);
    }
}
