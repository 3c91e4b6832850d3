using Calls.Caller.Media;

namespace Calls.Caller.Tests.Media;

public class SentDatagramsTests
{
    private readonly SentDatagrams _sent = new();

    [Fact]
    public void The_latest_are_kept_as_they_went_out_and_older_ones_are_gone()
    {
        const int first = 65_500;
        for (var n = 0; n < 200; n++)
        {
            _sent.Keep((ushort)(first + n), [1, (byte)n, .. new byte[n]]);
        }

        Take(first + 199)!.Length.ShouldBe(201);
        Take(first + 200 - SentDatagrams.Capacity)![1].ShouldBe((byte)(200 - SentDatagrams.Capacity));
        Take(first + 199 - SentDatagrams.Capacity).ShouldBeNull();
        Take(first + 200).ShouldBeNull();
    }

    [Fact]
    public void One_that_is_asked_for_too_often_is_sent_no_more()
    {
        _sent.Keep(7, [1, 2, 3]);
        for (var n = 0; n < SentDatagrams.MaxTimes; n++)
        {
            Take(7).ShouldBe([1, 2, 3]);
        }

        Take(7).ShouldBeNull();
    }

    private byte[]? Take(int sequence) => _sent.TryTake((ushort)sequence, out var datagram) ? datagram.ToArray() : null;
}
