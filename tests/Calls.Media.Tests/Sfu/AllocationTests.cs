namespace Calls.Media.Tests.Sfu;

public sealed class AllocationTests
{
    [Fact]
    public void Forwarding_allocates_nothing()
    {
        using var world = new MediaWorld();
        var all = Enumerable.Range(1, 5).Select(i => world.Join($"user-{i}")).ToList();
        world.Run(3);

        // What the clients will send, made beforehand; what comes out goes nowhere, as making it visible would allocate.
        var datagrams = new List<(byte[] Bytes, TestClient From)>();
        foreach (var one in all)
        {
            one.Wiretap = datagram => datagrams.Add((datagram, one));
        }
        world.IsCutOff = true;
        for (var i = 0; i < 200; i++)
        {
            all.ForEach(one => one.Speak(world.Network.Now));
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
        Forward(0, 500);
        var sent = world.SentDatagrams;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Forward(500, 1_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        (world.SentDatagrams - sent).ShouldBe(500 * 4);
        allocated.ShouldBe(0);
    }
}
