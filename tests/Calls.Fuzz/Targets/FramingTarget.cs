using System.Buffers.Binary;
using Calls.Fuzz.Engine;
using Calls.Fuzz.Mutation;
using Calls.Media.Tcp;

namespace Calls.Fuzz.Targets;

/// <summary>RFC 4571 over TCP: however the bytes are cut on their way, the packets are the same, and the way back brings out what was put in.</summary>
internal sealed class FramingTarget : FuzzTarget
{
    private const int Head = 6; // the longest packet that is taken, and the seed of the cuts

    private static readonly int[] LongestFrames = [64, 1_280, 2_048];

    public override string Name => "framing";

    // A reader's and a queue's own memory, the frames, and what they are compared with.
    public override long MaxAllocated(int length) => (64 * 1024) + (12 * length);

    public override byte[] Make(Random chance, Corpus corpus)
    {
        var head = new byte[Head];
        chance.NextBytes(head);
        return [.. head, .. Bytes.Mutate(chance, corpus.Pick(chance), corpus.Entries)];
    }

    public override void Run(byte[] input, Meter meter)
    {
        if (input.Length < Head)
        {
            return;
        }
        var longest = LongestFrames[input[0] % LongestFrames.Length];
        var chance = new Random(BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(2)));
        var stream = input.AsSpan(Head);

        meter.Start();
        var (frames, isBroken) = Cut(new FrameReader(longest), stream, chance);
        meter.Stop();
        var (expected, expectedBroken) = Plainly(stream, longest);
        Require(isBroken == expectedBroken, "a stream is broken by how it was cut");
        Require(frames.Count == expected.Count, $"{frames.Count} packets in place of {expected.Count}");
        for (var i = 0; i < frames.Count; i++)
        {
            Require(frames[i].AsSpan().SequenceEqual(expected[i]), $"packet {i} is another one");
        }
        ThereAndBack(frames, chance, meter);
    }

    private static (List<byte[]> Frames, bool IsBroken) Cut(
        FrameReader reader,
        ReadOnlySpan<byte> stream,
        Random chance
    )
    {
        var frames = new List<byte[]>();
        while (!stream.IsEmpty && !reader.IsBroken)
        {
            var free = reader.Free;
            Require(free.Length > 0, "no room for what comes next");
            var length = Math.Min(
                Math.Min(free.Length, stream.Length),
                1 + chance.Next(chance.Next(2) == 0 ? 4 : 4_000)
            );
            stream[..length].CopyTo(free);
            reader.Received(length);
            stream = stream[length..];
            while (reader.TryTake(out var packet))
            {
                if (chance.Next(16) == 0)
                {
                    reader.PutBack(packet.Length);
                    Require(reader.TryTake(out packet), "what was put back is gone");
                }
                frames.Add(packet.ToArray());
            }
        }
        return (frames, reader.IsBroken);
    }

    private static (List<byte[]> Frames, bool IsBroken) Plainly(ReadOnlySpan<byte> stream, int longest)
    {
        var frames = new List<byte[]>();
        while (stream.Length >= 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(stream);
            if (length > longest)
            {
                return (frames, true);
            }
            if (stream.Length < 2 + length)
            {
                break;
            }
            if (length > 0)
            {
                frames.Add(stream.Slice(2, length).ToArray());
            }
            stream = stream[(2 + length)..];
        }
        return (frames, false);
    }

    private static void ThereAndBack(List<byte[]> frames, Random chance, Meter meter)
    {
        var queue = new FrameQueue();
        var (sent, expected) = (new List<byte>(), new List<byte>());
        var now = TimeSpan.Zero;
        meter.Start();
        foreach (var frame in frames)
        {
            now += TimeSpan.FromMilliseconds(chance.Next(60));
            if (queue.TryAdd(frame, now))
            {
                expected.AddRange([(byte)(frame.Length >> 8), (byte)frame.Length, .. frame]);
            }
            Require(queue.Waiting.Length <= FrameQueue.Capacity, "more waits than fits");
            if (chance.Next(3) > 0 && !queue.Waiting.IsEmpty)
            {
                Send(chance.Next(queue.Waiting.Length + 1));
            }
        }
        Send(queue.Waiting.Length);
        meter.Stop();
        Require(sent.SequenceEqual(expected), "what came out is not what was put in");

        void Send(int count)
        {
            sent.AddRange(queue.Waiting[..count]);
            queue.Sent(count, now);
        }
    }
}
