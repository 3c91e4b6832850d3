using Calls.Media.Shell;

namespace Calls.Media.Tests.Shell;

public sealed class GatherWindowTests
{
    private const int Capacity = 64;

    private static readonly TimeSpan Work = TimeSpan.FromMicroseconds(20);

    private readonly GatherWindow _window = new();
    private TimeSpan _now = TimeSpan.FromSeconds(10);

    [Fact]
    public void Where_few_packets_come_each_is_served_at_once()
    {
        Serve(everyMicroseconds: 1000, packets: 200).ShouldAllBe(pause => pause == TimeSpan.Zero);
    }

    [Fact]
    public void Where_many_come_they_gather_for_what_is_left_of_the_window()
    {
        var pauses = Serve(everyMicroseconds: 100, packets: 2000);
        pauses[^1].ShouldBe(GatherWindow.Length - Work);
    }

    [Fact]
    public void No_packet_waits_longer_than_the_window_whatever_the_rate()
    {
        foreach (var every in new[] { 5, 50, 200, 245, 260, 400 })
            Serve(every, packets: 3000).ShouldAllBe(pause => pause <= GatherWindow.Length);
    }

    [Fact]
    public void A_batch_that_leaves_packets_waiting_is_followed_by_the_next_at_once()
    {
        Serve(everyMicroseconds: 100, packets: 2000);
        _window.Pause(Capacity, Capacity, _now, _now + Work).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void What_took_longer_than_the_window_is_followed_by_no_pause()
    {
        Serve(everyMicroseconds: 100, packets: 2000);
        _window.Pause(5, Capacity, _now, _now + (2 * GatherWindow.Length)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void After_a_silence_the_first_packet_is_served_at_once()
    {
        Serve(everyMicroseconds: 100, packets: 2000);
        _now += TimeSpan.FromSeconds(1);
        _window.Pause(1, Capacity, _now, _now + Work).ShouldBe(TimeSpan.Zero);
    }

    /// <summary>Packets that come evenly, to a thread that sleeps as it is told; gives its pauses.</summary>
    private List<TimeSpan> Serve(double everyMicroseconds, int packets)
    {
        var pauses = new List<TimeSpan>();
        var every = TimeSpan.FromMicroseconds(everyMicroseconds);
        var arrived = _now;
        while (packets > 0)
        {
            arrived += every;
            var received = arrived > _now ? arrived : _now;
            var count = 1 + (int)((received - arrived) / every);
            count = Math.Min(count, Capacity);
            arrived += (count - 1) * every;
            packets -= count;
            var pause = _window.Pause(count, Capacity, received, received + Work);
            pauses.Add(pause);
            _now = received + Work + pause;
        }
        return pauses;
    }
}
