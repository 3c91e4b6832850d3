namespace Calls.Media.Tests.Sfu;

public sealed class AllocationTests
{
    [Theory]
    [InlineData("")]
    [InlineData(
        "a=rtcp-fb:111 nack\r\na=rtcp-fb:111 transport-cc\r\n"
            + "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    )]
    public void Forwarding_allocates_nothing(string feedback)
    {
        using var world = new MediaWorld();
        var all = Enumerable.Range(1, 5).Select(i => world.Join($"user-{i}")).ToList();
        foreach (var one in all)
        {
            one.Numbers = feedback.Length > 0;
            one.Edit = sdp => sdp.Replace("a=rtcp-mux\r\n", $"a=rtcp-mux\r\n{feedback}");
        }
        world.Run(3);
        var last = all[0].Heard.ToDictionary(stream => stream.Key, stream => stream.Value[^1].Sequence);

        // What the clients will send, made beforehand; what comes out goes nowhere, as making it visible would allocate.
        var datagrams = new List<(byte[] Bytes, TestClient From)>();
        foreach (var one in all)
        {
            one.Wiretap = datagram => datagrams.Add((datagram, one));
        }
        world.IsCutOff = true;
        for (var i = 0; i < 200; i++)
        {
            // Each fifth is lost, and one asks for what went out last.
            all.ForEach(one => one.Loses = _ => i % 5 == 4 && feedback.Length > 0);
            all.ForEach(one => one.Speak(world.Network.Now));
            if (feedback.Length > 0 && i % 5 == 4)
            {
                foreach (var (ssrc, sequence) in last)
                {
                    all[0].Ask(ssrc, (ushort)(sequence + i - (i / 5) - 1));
                }
            }
        }
        var now = world.Network.Now;
        void Forward(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                world.Core.Handle(datagrams[i].Bytes, datagrams[i].From.Path, now);
            }
            world.Outbox.Flush();
        }
        var half = datagrams.Count / 2;
        Forward(0, half);
        var sent = world.SentDatagrams;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Forward(half, datagrams.Count);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.ShouldBe(0);
        if (feedback.Length == 0)
        {
            (world.SentDatagrams - sent).ShouldBe(500 * 4);
            return;
        }
        world.Core.Counters.Resent.ShouldBeGreaterThan(0);
        world.Core.Counters.Requested.ShouldBeGreaterThan(0);
    }
}
