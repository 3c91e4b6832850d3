using Calls.Actors.Cluster;
using Calls.TestKit;

namespace Calls.Actors.Tests.Cluster;

public sealed class CertaintyTests : IDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    private readonly VirtualTime _time = new();
    private readonly Certainty _certainty;
    private long _seen;
    private int _standstills;

    public CertaintyTests()
    {
        _certainty = new Certainty(_time, death: TimeSpan.FromSeconds(2));
        _certainty.Watch(() => _standstills++);
    }

    public void Dispose() => _certainty.Dispose();

    [Fact]
    public void A_node_that_turns_and_reads_stays_sure()
    {
        for (var i = 0; i < 10; i++)
            Turn(reads: true).ShouldBeFalse();
        _certainty.WasLost(ref _seen).ShouldBeFalse();
    }

    [Fact]
    public void One_that_stood_still_is_unsure_at_once_and_everybody_is_told_once()
    {
        Turn(reads: true);
        _time.Freeze(TimeSpan.FromSeconds(1.2));

        _certainty.WasLost(ref _seen).ShouldBeTrue("whoever works first notices, before the timer does");
        _time.Advance(TimeSpan.Zero);
        _standstills.ShouldBe(1);
        _certainty.WasLost(ref _seen).ShouldBeTrue();
        _certainty.WasLost(ref _seen).ShouldBeFalse();
        var another = 0L;
        _certainty.WasLost(ref another).ShouldBeTrue();
    }

    [Fact]
    public void One_that_could_not_read_is_unsure_when_it_can_again()
    {
        Turn(reads: true);
        for (var i = 0; i < 4; i++)
            Turn(reads: false).ShouldBeFalse();
        _certainty.Blind.ShouldBe(4 * Heartbeat);
        _certainty.WasLost(ref _seen).ShouldBeFalse("there is nobody to ask yet");

        Turn(reads: true).ShouldBeTrue();

        _certainty.WasLost(ref _seen).ShouldBeTrue();
        _certainty.Blind.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_new_connection_to_the_store_makes_it_unsure()
    {
        Turn(reads: true);
        Turn(reads: true, epoch: 2).ShouldBeTrue();
        _certainty.WasLost(ref _seen).ShouldBeTrue();
        Turn(reads: true, epoch: 2).ShouldBeFalse();
    }

    /// <summary>A heartbeat later; whether the store's answer said that something may be lost.</summary>
    private bool Turn(bool reads, long epoch = 1)
    {
        _time.Advance(Heartbeat);
        return reads && _certainty.Read(epoch);
    }
}
