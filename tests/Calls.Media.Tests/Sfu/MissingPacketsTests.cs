using Calls.Media.Sfu;

namespace Calls.Media.Tests.Sfu;

public sealed class MissingPacketsTests
{
    private readonly MissingPackets _missing = new();
    private TimeSpan _now = TimeSpan.FromSeconds(100);

    [Theory]
    [InlineData(10)]
    [InlineData(65_534)]
    public void Gaps_are_asked_for_at_once_in_order(int first)
    {
        Come(first, first + 1, first + 4, first + 6);
        Due().ShouldBe([(ushort)(first + 2), (ushort)(first + 3), (ushort)(first + 5)]);
        Due().ShouldBeEmpty("an answer is on its way");
    }

    [Fact]
    public void What_comes_late_is_not_asked_for_again()
    {
        Come(1, 3);
        Due().ShouldBe([2]);
        Come(2);
        Pass(150);
        Due().ShouldBeEmpty();
        _missing.Count.ShouldBe(0);
    }

    [Fact]
    public void A_longer_round_trip_means_more_patience()
    {
        Come(1, 3);
        Due(0.2).ShouldBe([2]);
        Pass(250);
        Due(0.2).ShouldBeEmpty();
        Pass(50);
        Due(0.2).ShouldBe([2]);
    }

    [Fact]
    public void After_three_tries_or_when_it_is_too_late_it_is_given_up()
    {
        Come(1, 3);
        for (var i = 0; i < MissingPackets.MaxTries; i++)
        {
            Due(0.01).ShouldBe([2]);
            Pass(40);
        }
        Due(0.01).ShouldBeEmpty();
        _missing.Count.ShouldBe(0);

        Come(5);
        Pass(MissingPackets.Patience.TotalMilliseconds + 1);
        Due().ShouldBeEmpty();
        _missing.Count.ShouldBe(0);
    }

    [Fact]
    public void A_long_gap_is_let_go_and_many_short_ones_push_out_the_oldest()
    {
        Come(1, 1 + MissingPackets.Capacity + 2);
        _missing.Count.ShouldBe(0);

        _missing.Reset();
        Come([.. Enumerable.Range(0, 20).Select(n => 100 + (2 * n))]);
        _missing.Count.ShouldBe(MissingPackets.Capacity);
        Due()[^1].ShouldBe((ushort)137);
    }

    [Fact]
    public void However_much_is_missing_only_so_much_a_second_is_asked_for()
    {
        var asked = 0;
        for (var i = 0; i < 1_000; i++)
        {
            Come(3 * i);
            Pass(20);
            asked += Due().Length;
        }
        asked.ShouldBeInRange(400, (25 * 20) + MissingPackets.Capacity);
    }

    private void Come(params int[] sequences)
    {
        foreach (var sequence in sequences)
        {
            _missing.OnPacket((ushort)sequence, _now);
        }
    }

    private void Pass(double ms) => _now += TimeSpan.FromMilliseconds(ms);

    private ushort[] Due(double roundTrip = double.NaN)
    {
        var due = new ushort[MissingPackets.Capacity];
        return due[.._missing.TakeDue(_now, roundTrip, due)];
    }
}
