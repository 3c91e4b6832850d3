using Calls.Caller.Media;

namespace Calls.Caller.Tests.Media;

/// <summary>Which packets are asked for and when, in virtual time.</summary>
public class WantedPacketsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(40);

    private readonly WantedPackets _wanted = new(Patience);
    private readonly ushort[] _due = new ushort[WantedPackets.Capacity];
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void What_is_missing_is_asked_for_after_the_allowance_for_reordering()
    {
        Come(65_534, 65_535, 2).ShouldBe([false, false, false]);
        Ask().ShouldBeEmpty();
        _wanted.NextDue.ShouldBe(_now + WantedPackets.ReorderAllowance);
        _now += WantedPackets.ReorderAllowance;
        Ask().ShouldBe([(ushort)0, (ushort)1]);
    }

    [Fact]
    public void What_only_came_out_of_order_is_not_asked_for()
    {
        Come(10, 12, 11).ShouldBe([false, false, false]);
        _wanted.NextDue.ShouldBeNull();
        _now += WantedPackets.ReorderAllowance;
        Ask().ShouldBeEmpty();
    }

    [Fact]
    public void What_comes_after_it_was_asked_for_counts_as_recovered_once()
    {
        Come(10, 12);
        _now += WantedPackets.ReorderAllowance;
        Ask().ShouldBe([(ushort)11]);
        Come(11, 11).ShouldBe([true, false]);
        _wanted.Count.ShouldBe(0);
    }

    [Fact]
    public void It_is_asked_for_again_after_one_and_a_half_round_trips_and_not_for_ever()
    {
        Come(10, 12);
        var asked = new List<TimeSpan>();
        for (var began = _now; _now < began + TimeSpan.FromSeconds(1); _now += TimeSpan.FromMilliseconds(1))
        {
            if (Ask().Length > 0)
            {
                asked.Add(_now);
            }
        }

        asked.Count.ShouldBeInRange(2, WantedPackets.MaxTries);
        asked.Zip(asked.Skip(1)).ShouldAllBe(pair => pair.Second - pair.First == RoundTrip * 1.5);
        _wanted.Count.ShouldBe(0);
        _wanted.NextDue.ShouldBeNull();
    }

    [Fact]
    public void What_could_not_be_played_any_more_is_let_go()
    {
        Come(10, 12);
        _now += Patience + TimeSpan.FromMilliseconds(1);
        Ask().ShouldBeEmpty();
        _wanted.Count.ShouldBe(0);
    }

    [Fact]
    public void Of_a_long_gap_only_the_newest_are_waited_for()
    {
        Come(10, 1_000);
        _now += WantedPackets.ReorderAllowance;
        Ask().ShouldBe(Enumerable.Range(1_000 - WantedPackets.Capacity, WantedPackets.Capacity).Select(n => (ushort)n));
        Come(1_002);
        _wanted.Count.ShouldBe(WantedPackets.Capacity);
    }

    private bool[] Come(params ushort[] sequences) => [.. sequences.Select(each => _wanted.OnPacket(each, _now))];

    private ushort[] Ask() => _due[.._wanted.TakeDue(_now, RoundTrip, _due)];
}
