using Calls.Media.Tcp;

namespace Calls.Media.Tests.Tcp;

public sealed class FrameTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(1);

    [Fact]
    public void Packets_come_out_as_they_went_in_however_the_stream_is_cut()
    {
        var chance = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var packets = Enumerable.Range(0, 20).Select(_ => Packet(chance, chance.Next(1, 700))).ToList();
            var stream = packets.SelectMany(packet => Framed(packet)).ToArray();
            var reader = new FrameReader(700);
            var come = new List<byte[]>();
            for (var at = 0; at < stream.Length; )
            {
                var free = reader.Free;
                var count = Math.Min(Math.Min(chance.Next(1, 900), free.Length), stream.Length - at);
                stream.AsSpan(at, count).CopyTo(free);
                reader.Received(count);
                at += count;
                while (reader.TryTake(out var packet))
                {
                    come.Add(packet.ToArray());
                    packet.Clear(); // as decryption in place does
                }
            }
            come.Count.ShouldBe(packets.Count);
            come.Zip(packets).ShouldAllBe(pair => pair.First.SequenceEqual(pair.Second));
        }
    }

    [Fact]
    public void An_empty_frame_is_passed_over()
    {
        var reader = Fed(100, [0, 0, 0, 0, 0, 1, 7]);
        reader.TryTake(out var packet).ShouldBeTrue();
        packet.ToArray().ShouldBe([7]);
        reader.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_frame_that_is_too_long_breaks_the_stream_as_soon_as_it_is_announced()
    {
        var reader = Fed(100, [0, 101]);
        reader.TryTake(out _).ShouldBeFalse();
        reader.IsBroken.ShouldBeTrue();
        Fed(100, [0, 100]).IsBroken.ShouldBeFalse();
    }

    [Fact]
    public void There_is_always_room_for_the_rest_of_a_frame()
    {
        var reader = new FrameReader(100);
        var chance = new Random(6);
        for (var i = 0; i < 10_000; i++)
        {
            while (reader.TryTake(out _)) { }
            reader.Free.Length.ShouldBeGreaterThan(0);
            reader.Free[0] = (byte)(reader.Waiting.Length == 0 ? 0 : chance.Next(100));
            reader.Received(1);
        }
        reader.IsBroken.ShouldBeFalse();
    }

    [Fact]
    public void A_packet_that_is_put_back_comes_again()
    {
        var reader = Fed(100, [0, 2, 8, 9, 0, 1, 5]);
        reader.TryTake(out var packet).ShouldBeTrue();
        reader.PutBack(packet.Length);
        reader.Waiting.ToArray().ShouldBe([0, 2, 8, 9, 0, 1, 5]);
    }

    [Fact]
    public void A_queue_gives_what_it_took_in_order_however_little_goes_out_at_a_time()
    {
        var chance = new Random(7);
        var queue = new FrameQueue();
        var went = new List<byte>();
        var expected = new List<byte>();
        for (var i = 0; i < 20_000; i++)
        {
            var packet = Packet(chance, chance.Next(1, 300));
            if (queue.TryAdd(packet, Now))
            {
                expected.AddRange(Framed(packet));
            }
            var count = Math.Min(queue.Waiting.Length, chance.Next(400));
            went.AddRange(queue.Waiting[..count]);
            queue.Sent(count, Now);
        }
        went.AddRange(queue.Waiting);
        went.ShouldBe(expected);
        expected.Count.ShouldBeGreaterThan(2_000_000);
    }

    [Fact]
    public void A_queue_that_nobody_empties_stays_within_its_bound_and_holds_whole_frames()
    {
        var queue = new FrameQueue();
        var packet = new byte[130];
        var taken = 0;
        while (queue.TryAdd(packet, Now))
        {
            taken++;
        }
        taken.ShouldBe(FrameQueue.Capacity / (packet.Length + 2));
        queue.Waiting.Length.ShouldBe(taken * (packet.Length + 2));
    }

    [Fact]
    public void Who_is_behind_for_long_gets_nothing_more_until_all_is_taken()
    {
        var queue = new FrameQueue();
        var packet = new byte[100];
        queue.TryAdd(packet, Now).ShouldBeTrue();
        queue.Sent(50, Now);
        queue.TryAdd(packet, Now + FrameQueue.Patience).ShouldBeTrue();

        var late = Now + FrameQueue.Patience + TimeSpan.FromMilliseconds(1);
        queue.TryAdd(packet, late).ShouldBeFalse();
        queue.Sent(100, late);
        queue.TryAdd(packet, late).ShouldBeFalse();
        queue.Sent(queue.Waiting.Length, late);
        queue.TryAdd(packet, late).ShouldBeTrue();
    }

    private static FrameReader Fed(int longest, byte[] bytes)
    {
        var reader = new FrameReader(longest);
        bytes.CopyTo(reader.Free);
        reader.Received(bytes.Length);
        return reader;
    }

    private static byte[] Packet(Random chance, int length)
    {
        var packet = new byte[length];
        chance.NextBytes(packet);
        return packet;
    }

    private static byte[] Framed(byte[] packet) => [(byte)(packet.Length >> 8), (byte)packet.Length, .. packet];
}
